import { connect } from 'node:net';

const ANSWER_PATIENCE_MS = 10_000;

/**
 * Sends one request over a connection of its own and reads the whole answer. Written on bare sockets because MCMP's
 * methods are none that Node's own client sends.
 * @returns {Promise<{status: number, head: string, body: Buffer}>}
 */
export function request(port, { method = 'GET', target = '/', headers = [], body = '' } = {}) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(ANSWER_PATIENCE_MS, () => socket.destroy(new Error(`no answer from port ${port}`)));
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      parts.push(bytes);
      const answer = readAnswer(Buffer.concat(parts), false);
      if (answer === null) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on('end', () => {
      const answer = readAnswer(Buffer.concat(parts), true);
      if (answer === null) reject(new Error(`port ${port} closed before its answer was complete`));
      else resolve(answer);
    });
    const bytes = Buffer.from(body);
    const lines = [`Host: 127.0.0.1:${port}`, ...headers];
    if (bytes.length > 0) lines.push(`Content-Length: ${bytes.length}`);
    socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (bytes.length > 0) socket.write(bytes);
  });
}

/** The answer in these bytes, or null while it is not complete. */
function readAnswer(bytes, ended) {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd + 2);
  const body = bytes.subarray(headEnd + 4);
  const length = /^content-length:\s*(\d+)/im.exec(head);
  const complete = length === null ? ended || body.toString('latin1').endsWith('0\r\n\r\n') : body.length >= +length[1];
  return complete ? { status: Number(head.slice(9, 12)), head, body } : null;
}

/** Sends one MCMP command; throws unless the balancer says 200. */
export async function mcmp(port, command, target, fields) {
  const body = new URLSearchParams(fields).toString();
  const { status, head, body: text } = await request(port, { method: command, target, body });
  if (status !== 200) throw new Error(`${command} ${body} was answered ${head.split('\r\n', 1)[0]}: ${text}`);
}

/** Registers a node that serves everything under `/`, as a Java node would: CONFIG, ENABLE-APP, STATUS. */
export async function registerNode(mcmpPort, { route, port, pingSeconds, type = 'http' }) {
  const ping = pingSeconds === undefined ? {} : { ping: pingSeconds };
  await mcmp(mcmpPort, 'CONFIG', '/', { JVMRoute: route, Host: '127.0.0.1', Port: port, Type: type, ...ping });
  await mcmp(mcmpPort, 'ENABLE-APP', '/', { JVMRoute: route, Alias: 'localhost', Context: '/' });
  await mcmp(mcmpPort, 'STATUS', '/', { JVMRoute: route, Load: 100 });
}
