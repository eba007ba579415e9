import { connect } from 'node:net';

/** Sends bytes from an address of this machine, such as 127.0.0.2, and reads to the end. @returns latin1 */
export async function talkFrom(port: number, localAddress: string, bytes: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', localAddress }, () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.once('end', () => resolve(text));
    socket.once('error', reject);
  });
}
