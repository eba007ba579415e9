import { describe, expect, it } from 'vitest';
import { readForwardRequest } from '../../src/conformance/balancer/ajp-backend.ts';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import { freeAfter } from '../support/cleanup.ts';
import { complaints, judge } from './judge.ts';
import { AJP_CASE_IDS, LACKING } from './lacking.ts';
import { startOwnBalancer } from './own-balancer.ts';
import { type AjpManners, startScriptedAjpBalancer } from './scripted-ajp-balancer.ts';

describe('a balancer that has not what is said of it', () => {
  it.each(LACKING)('fails $id', async ({ id, dialect, features }) => {
    const own = await startOwnBalancer(dialect, {}, new Map(features));
    freeAfter(own.close);
    const results = await judge(
      own.target,
      dialect,
      BALANCER_CASES.filter((one) => one.id === id),
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(['fail']);
  });
});

const HTTPD: AjpManners = { keySize: 'integer', secret: 'first', jvmRoute: true, query: true };

describe('cases about AJP', () => {
  const verdicts = async (dialect: JudgedDialect, manners: AjpManners): Promise<string[]> => {
    const target = await startScriptedAjpBalancer(manners);
    const cases = BALANCER_CASES.filter(({ id }) => AJP_CASE_IDS.includes(id));
    const results = await judge(target, dialect, cases);
    const failed = results.filter(({ verdict }) => verdict === 'fail').map(({ facts }) => facts.id);
    expect(complaints(results), 'nothing but failures').toHaveLength(failed.length);
    return failed;
  };

  it('pass at a balancer that sends what httpd sends', async () => {
    expect(await verdicts('httpd-2', HTTPD)).toEqual([]);
  });

  it.each([
    ['a query that is not sent', 'httpd-2', { query: false }, 'proxy/ajp-request'],
    ['a route of the session that is not sent', 'httpd-2', { jvmRoute: false }, 'proxy/ajp-request'],
    ['a secret behind other attributes', 'httpd-2', { secret: 'last' }, 'proxy/ajp-secret'],
    ['a key size as a string, where httpd has an integer', 'httpd-2', { keySize: 'string' }, 'proxy/ajp-key-size'],
    ['a key size as an integer, where Undertow has a string', 'undertow', {}, 'proxy/ajp-key-size'],
  ] as const)('find %s', async (_, dialect, other, id) => {
    expect(await verdicts(dialect, { ...HTTPD, ...other })).toEqual([id]);
  });
});

describe('a FORWARD_REQUEST', () => {
  /** What httpd 2.4.71 sent for a client that spoke TLS, behind the byte that says what it is; the URI is /one/. */
  const RECORDED =
    '020008485454502f312e310000052f6f6e652f0000093132372e302e302e3100ffff000f7777772e6578616d706c652e636f6d00477d010002a00b000f7777772e6578616d706c652e636f6d00a0060005636c6f7365000c00067333637265740005000a73657373696f6e3d6e6f00080016544c535f4145535f3235365f47434d5f5348413338340009004035353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535353535000b01000a0010414a505f53534c5f50524f544f434f4c000007544c5376312e33000a000f414a505f52454d4f54455f504f52540000053430303030000a000e414a505f4c4f43414c5f414444520000093132372e302e302e3100ff';

  it('is read as httpd wrote it', () => {
    const request = readForwardRequest(Buffer.from(RECORDED, 'hex'));
    expect([request.method, request.protocol, request.uri]).toEqual([2, 'HTTP/1.1', '/one/']);
    expect([...request.headers]).toEqual([
      ['host', 'www.example.com'],
      ['connection', 'close'],
    ]);
    expect(request.attributes.map(({ code, name, form }) => [code, name, form])).toEqual([
      [12, undefined, 'string'],
      [5, undefined, 'string'],
      [8, undefined, 'string'],
      [9, undefined, 'string'],
      [11, undefined, 'integer'],
      [10, 'AJP_SSL_PROTOCOL', 'string'],
      [10, 'AJP_REMOTE_PORT', 'string'],
      [10, 'AJP_LOCAL_ADDR', 'string'],
    ]);
    expect(request.attributes[0]?.value).toBe('s3cret');
    expect(request.attributes[4]?.value).toBe('256');
  });

  it('that ends too early is refused', () => {
    for (const length of [1, 20, 60, 120]) {
      expect(() => readForwardRequest(Buffer.from(RECORDED, 'hex').subarray(0, length))).toThrow(RangeError);
    }
  });
});
