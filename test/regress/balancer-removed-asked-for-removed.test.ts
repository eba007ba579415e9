import { expect, it } from 'vitest';
import { outline, scripted, stagedNode } from '../node/registrar/stage.ts';

it.each([
  { last: 'removed', joins: false },
  { last: 'asked for', joins: true },
])('a balancer that is removed, asked for and $last while the node says goodbye to it: $joins', async ({ joins }) => {
  const kept = await scripted();
  const peer = await scripted();
  const { node } = stagedNode([kept, peer]);
  await node.registered(5000);
  const goodbyes = [node.removeBalancer(peer.url)];
  node.addBalancer(peer.url);
  goodbyes.push(node.removeBalancer(peer.url));
  if (joins) node.addBalancer(peer.url);
  await Promise.all(goodbyes);
  await node.registered(5000);
  expect(node.registrations()).toHaveLength(joins ? 2 : 1);
  expect(outline(peer.requests).at(-1)).toBe(joins ? 'STATUS' : 'REMOVE-APP /*');
});
