import { connect } from 'node:net';

const PAUSE_AFTER_FAILURE_MS = 20;

/**
 * Clients that send one request after the other, each over its own keep-alive connection, and keep a record of what
 * became of every request.
 * @param body returns the body of the next request; null for a GET
 * @returns `stop()`, which ends all clients and returns the records `{ outcome, waitMs }`: the status that was answered,
 *   `reset` when the connection ended without an answer, or `waiting` at the end
 */
export function startClients(port, count, body) {
  const records = [];
  const clients = Array.from({ length: count }, () => startClient(port, body, records));
  return {
    stop: () => {
      for (const client of clients) client.stop();
      return records;
    },
  };
}

function startClient(port, body, records) {
  let socket = null;
  let received = '';
  let since = 0;
  let waiting = false;
  let stopped = false;

  const record = (outcome) => {
    waiting = false;
    records.push({ outcome, waitMs: performance.now() - since });
  };
  const send = () => {
    const content = body();
    const line = content === null ? 'GET /app HTTP/1.1' : `POST /app HTTP/1.1\r\nContent-Length: ${content.length}`;
    received = '';
    since = performance.now();
    waiting = true;
    socket.write(`${line}\r\nHost: 127.0.0.1:${port}\r\n\r\n${content ?? ''}`);
  };
  const read = (bytes) => {
    received += bytes.toString('latin1');
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(received);
    const complete = length === null ? received.endsWith('0\r\n\r\n') : received.length >= headEnd + 4 + +length[1];
    if (!complete) return;
    record(received.slice(9, 12));
    if (/\r\nconnection: *close/i.test(received.slice(0, headEnd))) socket.destroy();
    else if (!stopped) send();
  };
  const open = () => {
    socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('connect', send);
    socket.on('data', read);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (waiting) record('reset');
      if (!stopped) setTimeout(reopen, PAUSE_AFTER_FAILURE_MS);
    });
  };
  const reopen = () => {
    if (!stopped) open();
  };
  open();

  return {
    stop: () => {
      stopped = true;
      if (waiting) record('waiting');
      socket.destroy();
    },
  };
}
