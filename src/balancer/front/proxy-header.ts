import type { AddressRule } from '../../core/access.ts';
import { createProxyHeaderReader, PROXY_VIOLATION, type ProxiedPeer } from '../../core/proxy-protocol/index.ts';
import { reachOf } from '../../core/reach.ts';
import { errorAnswer } from '../answers.ts';
import type { Shared } from '../shared.ts';
import type { Arrival } from './arrival.ts';
import type { Binding, ListenerRole } from './bindings.ts';
import { type ClientPeer, keyBitsOf } from './client-peer.ts';
import { sayAndClose } from './turn-away.ts';

/** A proxy that is set up wrongly connects again and again; one line says all. */
const TELL_EVERY_MS = 60_000;

/**
 * Whether a connection has to begin with a header of the PROXY protocol: at addresses for web traffic, from those that
 * `--proxy-protocol` names. Nobody else may begin with one, and nothing is guessed (proxy-protocol.txt §2 and §5).
 */
export function beginsWithProxyHeader({ options, proxies }: Shared, { peer }: Arrival, role: ListenerRole): boolean {
  return role.traffic && options.proxyProtocolFrom.length > 0 && proxies(peer.remoteAddress);
}

/**
 * Reads the header by which a proxy in front tells who its client is, for which it has `headerTimeoutMs`; the connection is one
 * that is arriving until then.
 *
 * @param then takes the connection over, with the peer that the proxy told and what may be asked of it
 */
export function readProxyHeader(
  shared: Shared,
  arrival: Arrival,
  { role, encrypted }: Binding,
  then: (arrival: Arrival, role: ListenerRole) => void,
): void {
  const { socket, peer } = arrival;
  const arriving = shared.arriving.web;
  const counts = shared.traffic.proxyHeaders;
  const reader = createProxyHeaderReader();
  let begun = false;
  const timer = setTimeout(() => {
    fail('timeout', 'it did not come in time');
    socket.destroy();
  }, shared.options.headerTimeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
    arriving.delete(socket);
    socket.off('data', take).off('end', giveUp).off('close', stop).off('error', ignoreError);
  };
  const fail = (result: 'missing' | 'broken' | 'timeout', problem: string): void => {
    stop();
    counts[result]++;
    tellOfBroken(shared, peer, problem);
  };
  const take = (bytes: Buffer): void => {
    begun = true;
    const reading = reader.read(bytes);
    if (reading.state === 'more') return;
    if (reading.state === 'broken') {
      const { violation } = reading;
      const isMissing = violation.code === PROXY_VIOLATION.missing.code;
      fail(isMissing ? 'missing' : 'broken', violation.message);
      // Somebody who tries the port by hand is told; whoever waits for a handshake could not read it.
      if (isMissing && encrypted === null) sayAndClose(socket, HEADER_IS_MISSING);
      else socket.destroy();
      return;
    }
    stop();
    socket.pause();
    counts[reading.peer.sourceAddress === '' ? 'local' : 'told']++;
    const first = reading.rest.length === 0 ? null : Buffer.from(reading.rest);
    then(
      { socket, peer: peerToldOf(peer, reading.peer), first },
      roleBehind(role, shared.mcmpAllowed, peer.remoteAddress, reading.peer),
    );
  };
  // Whoever looks whether the port is open says nothing; a header that was begun and not ended is a broken one.
  const giveUp = (): void => {
    if (begun) fail('broken', 'the connection ended within it');
    else stop();
    socket.destroy();
  };
  // 'close' follows.
  const ignoreError = (): void => {};
  arriving.add(socket);
  socket.on('data', take).on('end', giveUp).on('close', stop).on('error', ignoreError);
  socket.resume();
}

const HEADER_IS_MISSING = errorAnswer(
  400,
  'connections from this address have to begin with a header of the PROXY protocol',
  'proxy-header',
  { head: false, keepAlive: false },
);

/**
 * Who connects, by what the proxy says. That a client came to the proxy by TLS is believed as its address is, from the same
 * mouth, for redirects would go in circles otherwise; a certificate that the client showed there is not.
 */
function peerToldOf(proxy: ClientPeer, told: ProxiedPeer): ClientPeer {
  if (told.command === 'local') return proxy;
  const session = told.tlsSession;
  return {
    ...proxy,
    ...(told.sourceAddress === ''
      ? {}
      : {
          remoteAddress: told.sourceAddress,
          remotePort: told.sourcePort,
          localAddress: told.destinationAddress,
          localPort: told.destinationPort,
        }),
    tls: told.tls
      ? {
          version: session?.version ?? '',
          cipher: session?.cipher ?? '',
          keyBits: session?.cipher === undefined ? 0 : keyBitsOf(session.cipher),
          sessionId: '',
          serverName: '',
          certificate: null,
        }
      : null,
  };
}

/**
 * What may be asked behind a header. Nobody gains rights by one: for MCMP and management the proxy itself has to be allowed as
 * well as the client that it tells, and neither a client that it cannot name nor one that it tells to be on this machine, when
 * it is not there itself, may ask for them.
 */
export function roleBehind(
  role: ListenerRole,
  mcmpAllowed: AddressRule,
  proxyAddress: string,
  told: Pick<ProxiedPeer, 'command' | 'sourceAddress'>,
): ListenerRole {
  if (!role.mcmp || told.command === 'local') return role;
  const isNamed = told.sourceAddress !== '';
  const pretendsToBeHere = isHere(told.sourceAddress) && !isHere(proxyAddress);
  return { ...role, mcmp: isNamed && !pretendsToBeHere && mcmpAllowed(proxyAddress) };
}

function isHere(address: string): boolean {
  return reachOf(address) === 'this-machine';
}

function tellOfBroken(shared: Shared, { remoteAddress, localPort }: ClientPeer, problem: string): void {
  const { nowMs } = shared.clock;
  if (nowMs - shared.toldOfProxyHeaderAtMs < TELL_EVERY_MS) return;
  shared.toldOfProxyHeaderAtMs = nowMs;
  shared.log.warn('A proxy in front did not begin with a good header of the PROXY protocol', {
    peer: remoteAddress,
    port: localPort,
    problem,
    hint: 'Switch it on there (HAProxy: send-proxy-v2), or take the address out of --proxy-protocol',
  });
}
