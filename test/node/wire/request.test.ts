import { describe, expect, it } from 'vitest';
import type { Pair } from '../../../src/client/answer.ts';
import { destinationOf, printRequest } from '../../../src/node/wire/request.ts';
import type { Manners, Outgoing } from '../../../src/node/wire/types.ts';
import { NODE_FOLDERS, type NodeExchange, nodeRecordings } from '../../support/recordings.ts';

function bytesOf(message: Outgoing, url: string, manners: Manners): string {
  return printRequest(message, destinationOf(new URL(url), manners), manners);
}

type Recorded = NonNullable<NodeExchange['request']>;

/** What a node wanted to say when it sent this. */
function meaningOf({ line, headers, body }: Recorded): { message: Outgoing; url: string } {
  const [method = '', path = ''] = line.split(' ');
  const target = path.endsWith('/*') ? '/*' : '/';
  const pairs = body.split('&').flatMap((pair): Pair[] => {
    const [name = '', value = ''] = pair.split('=').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    return name === '' ? [] : [[name, value]];
  });
  return { message: { method, target, pairs }, url: `http://${headers['Host']}${path.slice(0, -target.length)}` };
}

function recordedBytes({ line, headers, body }: Recorded): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [line, ...lines, '', body].join('\r\n');
}

describe('with Java manners, requests have the bytes of the recorded ones', () => {
  const situations = NODE_FOLDERS.flatMap((folder) =>
    nodeRecordings(folder).map(({ file, exchanges }) => ({
      folder,
      file,
      requests: exchanges.flatMap(({ request }) => (request === undefined ? [] : [request])),
    })),
  );

  it.each(situations)('$folder $file', ({ requests }) => {
    for (const request of requests) {
      const { message, url } = meaningOf(request);
      expect(bytesOf(message, url, 'java')).toBe(recordedBytes(request));
    }
  });

  it('of which there are enough', () => {
    expect(situations.flatMap(({ requests }) => requests).length).toBeGreaterThan(900);
  });
});

describe('with Java manners', () => {
  it.each([
    ['http://[::1]:18603', '[0:0:0:0:0:0:0:1]:18603'],
    ['http://[2001:db8::a:0:1]:1', '[2001:db8:0:0:0:a:0:1]:1'],
    ['http://[1:2:3:4:5:6:7:8]:1', '[1:2:3:4:5:6:7:8]:1'],
    ['http://[fe80::]:1', '[fe80:0:0:0:0:0:0:0]:1'],
    ['http://balancer', 'balancer:80'],
    ['https://balancer', 'balancer:443'],
  ])('the Host of %s is %s', (url, host) => {
    expect(bytesOf({ method: 'INFO', target: '/', pairs: [] }, url, 'java')).toContain(`\r\nHost: ${host}\r\n`);
  });

  it('values are form-encoded UTF-8', () => {
    const pairs: Pair[] = [['Alias', "a b+*,~é'()!_-./%€"]];
    const bytes = bytesOf({ method: 'ENABLE-APP', target: '/', pairs }, 'http://b:1', 'java');
    expect(bytes).toContain('\r\nContent-Length: 55\r\n');
    expect(bytes).toMatch(/\r\n\r\nAlias=a\+b%2B\*%2C%7E%C3%A9%27%28%29%21_-\.%2F%25%E2%82%AC$/);
  });
});

describe('with our manners', () => {
  it('a request is what every brand reads alike', () => {
    const message: Outgoing = {
      method: 'ENABLE-APP',
      target: '/',
      pairs: [
        ['JVMRoute', 'a b+é'],
        ['Context', '/one'],
      ],
    };
    expect(bytesOf(message, 'http://b:1/mcmp/', 'mcmp')).toBe(
      'ENABLE-APP /mcmp/ HTTP/1.1\r\nHost: b:1\r\nContent-Length: 36\r\nUser-Agent: mcmp-node\r\n\r\n' +
        'JVMRoute=a%20b%2B%C3%A9&Context=/one',
    );
  });

  it('a message without pairs has no body and no length', () => {
    expect(bytesOf({ method: 'REMOVE-APP', target: '/*', pairs: [] }, 'http://[::1]:80', 'mcmp')).toBe(
      'REMOVE-APP /* HTTP/1.1\r\nHost: [::1]\r\nUser-Agent: mcmp-node\r\n\r\n',
    );
  });
});

describe('the node that INFO is about', () => {
  const message: Outgoing = { method: 'INFO', target: '/', pairs: [], about: 'caf\u00e9 1' };

  it('stands in a header of ours', () => {
    expect(bytesOf(message, 'http://lb:6666/', 'mcmp')).toBe(
      'INFO / HTTP/1.1\r\nHost: lb:6666\r\nUser-Agent: mcmp-node\r\nMCMP-Route: caf%C3%A9%201\r\n\r\n',
    );
  });

  it('is not said with Java manners', () => {
    expect(bytesOf(message, 'http://lb:6666/', 'java')).not.toContain('MCMP-Route');
  });
});
