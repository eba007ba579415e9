import { describe, expect, it } from 'vitest';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import { freeAfter } from '../support/cleanup.ts';
import { complaints, judge } from './judge.ts';
import { AJP_CASE_IDS, AJP_PING_CASE_ID, LACKING } from './lacking.ts';
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
  const verdicts = async (
    dialect: JudgedDialect,
    manners: AjpManners,
    ids: readonly string[] = AJP_CASE_IDS,
  ): Promise<string[]> => {
    const target = await startScriptedAjpBalancer(manners);
    const cases = BALANCER_CASES.filter(({ id }) => ids.includes(id));
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

  it('find an answer to STATUS for which no node was asked', async () => {
    expect(await verdicts('httpd-2', HTTPD, [AJP_PING_CASE_ID])).toEqual([AJP_PING_CASE_ID]);
  });
});
