import type { SelfTestResult } from './self-test.ts';
import type { SilenceFacts } from './silence.ts';

/** Whether the self-test's datagrams came back; loopback alone says nothing about a network that is listened to as well. */
export function hearsItself({ selfTest, machine }: SilenceFacts): boolean {
  const internal = new Set(machine.interfaces.filter((one) => one.internal).map(({ name }) => name));
  const outer = selfTest.filter((one) => !internal.has(one.interface));
  const telling = outer.length > 0 ? outer : selfTest;
  return telling.some(({ heard }) => heard) && !selfTest.some(isBlocked);
}

/** It was sent, and did not come back. An interface through which nothing can be sent says so by itself. */
export function isBlocked({ heard, failure }: SelfTestResult): boolean {
  return !heard && failure === undefined;
}

/** What the self-test has shown, in a sentence. */
export function selfTestWords(facts: SilenceFacts): string {
  const { selfTest } = facts;
  const nameOf = (one: SelfTestResult): string => one.interface || "the system's choice";
  const list = (some: readonly SelfTestResult[]): string => [...new Set(some.map(nameOf))].join(', ');
  const [heard, blocked] = [selfTest.filter((one) => one.heard), selfTest.filter(isBlocked)];
  // Loopback has no multicast of IPv6; where others are tried this says nothing.
  const internal = new Set(facts.machine.interfaces.filter((one) => one.internal).map(({ name }) => name));
  const failed = selfTest.filter(({ failure, interface: name }) => failure !== undefined && !internal.has(name));
  const parts = [
    ...(heard.length > 0 ? [`our own datagrams came back on ${list(heard)}`] : []),
    ...(blocked.length > 0 ? [`our own datagrams did not come back on ${list(blocked)}`] : []),
    ...(failed.length > 0 ? [`none could be sent on ${list(failed)}`] : []),
  ];
  if (parts.length === 0) parts.push(`none could be sent on ${list(selfTest)}`);
  const verdict = hearsItself(facts)
    ? 'Our socket works; nothing comes from the network.'
    : 'This machine does not even hear itself: look here first.';
  return `${verdict} Self-test: ${parts.join('; ')}.`;
}
