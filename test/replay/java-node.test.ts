import { describe, expect, test } from 'vitest';
import { carriedOut, type NodeRequest, readInfoAsNode, resetRequests } from '../support/java-node.ts';
import { NODE_FOLDERS, type NodeExchange, nodeRecordings } from '../support/recordings.ts';
import { changeContexts, configure, mindOf, nodeSetup } from './recorded-node.ts';

const SITUATIONS = NODE_FOLDERS.flatMap((folder) =>
  nodeRecordings(folder).map(({ file, exchanges }) => ({ folder, file, exchanges })),
);

interface Reset {
  /** What the node sent after INFO, up to STATUS. */
  readonly sent: readonly NodeRequest[];
  /** What the rule says. */
  readonly computed: readonly NodeRequest[];
  /** STATUS followed: nothing was cut short. */
  readonly whole: boolean;
}

/** Every registration in a recording beside what the rule makes of the INFO before it. */
function resetsOf(entries: readonly NodeExchange[]): Reset[] {
  let node = nodeSetup('', 'http');
  const config = entries.find(({ request }) => request?.line.startsWith('CONFIG '))?.request?.body;
  if (config !== undefined) configure(node, config);
  const resets: Reset[] = [];
  for (const [index, { event, request, response }] of entries.entries()) {
    if (event?.startsWith('node: started with ')) {
      const { config: before } = node;
      node = nodeSetup(event, 'http');
      const next = entries.slice(index).find((entry) => entry.request?.line.startsWith('CONFIG '));
      configure(node, next?.request?.body ?? before);
    }
    if (event !== undefined) changeContexts(node.contexts, event);
    const answered = request?.line.startsWith('INFO ') && response?.line === 'HTTP/1.1 200 OK';
    if (!answered || entries[index - 1]?.event === 'node: info') continue;
    const balancer = Reflect.get(entries[index] ?? {}, 'balancer');
    const later = entries
      .slice(index + 1)
      .filter((entry) => entry.event?.startsWith('node: ') || Reflect.get(entry, 'balancer') === balancer)
      .filter(({ event: other }) => other === undefined || !/^connection \d+ opened$/.test(other));
    const end = later.findIndex(
      (entry) => entry.event !== undefined || /^(STATUS|INFO) /.test(entry.request?.line ?? ''),
    );
    const sent = later.slice(0, end).flatMap((entry) => (entry.request === undefined ? [] : [entry.request]));
    resets.push({
      sent: sent.map(({ line, body }) => ({ line: line.replace(/ HTTP.*/, '').replace(' /mcmp/', ' /'), body })),
      computed: resetRequests(mindOf(node), readInfoAsNode(response?.body ?? '')),
      whole: later[end]?.request?.line.startsWith('STATUS ') === true,
    });
  }
  return resets;
}

describe('the rule by which a node registers again is the one that the recorded nodes followed', () => {
  test.for(SITUATIONS.filter(({ file }) => file !== '40-unreadable-info.json'))('$folder $file', ({ exchanges }) => {
    for (const { sent, computed, whole } of resetsOf(exchanges)) {
      const expected = computed.map(({ line, body }) => ({ line, body }));
      expect(sent).toEqual(whole ? expected : expected.slice(0, sent.length));
    }
  });

  test('enough of them were compared', () => {
    const resets = SITUATIONS.filter(({ file }) => !file.startsWith('40')).flatMap(({ exchanges }) =>
      resetsOf(exchanges),
    );
    expect(resets.filter(({ whole }) => whole).length).toBeGreaterThan(70);
  });
});

describe('what a node takes INFO for', () => {
  test('one virtual host for each alias, as httpd 2 reports them, costs a node all its applications', () => {
    const [first, second] = nodeRecordings(NODE_FOLDERS[0])
      .filter(({ file }) => file === '32-aliases.json')
      .flatMap(({ exchanges }) => resetsOf(exchanges));
    expect(first?.computed).toHaveLength(3);
    expect(second?.computed.map(({ line }) => line)).toEqual(['REMOVE-APP /*', 'CONFIG /']);
    const before = carriedOut(new Map(), first?.computed ?? []);
    expect(before.size).toBe(2);
    expect(carriedOut(before, second?.computed ?? []).size).toBe(0);
  });

  test.each([
    ['a Vhost before its Node', 'Vhost: [0:1:0], Alias: a\n'],
    ['ids of two parts', 'Node: [0],Name: n1\nVhost: [0:1], Alias: a\n'],
    ['a Context of no Vhost', 'Node: [0],Name: n1\nContext: [0:1:0], Context: /, Status: ENABLED\n'],
    [
      'a status in small letters',
      'Node: [0],Name: n1\nVhost: [0:1:0], Alias: a\nContext: [0:1:0], Context: /, Status: enabled\n',
    ],
    [
      'a comma in a path',
      'Node: [0],Name: n1\nVhost: [0:1:0], Alias: a\nContext: [0:1:0], Context: /a,b, Status: ENABLED\n',
    ],
  ])('cannot be %s', (_, text) => {
    expect(() => readInfoAsNode(text)).toThrow();
  });

  test('may be a Node line of id and name only, and lines that it does not know', () => {
    expect(readInfoAsNode('Node: [0],Name: n1\nSomething: else\n\n')).toEqual(new Map([['n1', []]]));
  });
});
