import { BIG_BYTES } from './backends.mjs';
import { request } from './http.mjs';

function expectThat(holds, what) {
  if (!holds) throw new Error(what);
}

/** Each throws when the proxy on `port` does not pass on what its load is made of: status, body and headers. */
export const CHECKS = {
  small: async (port) => {
    const { status, head, body } = await request(port, { target: '/small' });
    expectThat(status === 200, `GET /small is answered ${status}`);
    expectThat(body.toString() === 'Hello, World!', 'the body of GET /small is not the node’s');
    expectThat(/^content-length: *13\r$/im.test(head), 'GET /small is answered without Content-Length: 13');
    const mark = `bench-${port}`;
    const echoed = await request(port, { target: '/header', headers: [`X-Bench: ${mark}`] });
    expectThat(echoed.body.toString() === mark, 'the header X-Bench does not reach the node');
  },
  big: async (port) => {
    const { status, body } = await request(port, { target: '/big' });
    expectThat(status === 200, `GET /big is answered ${status}`);
    expectThat(body.equals(Buffer.alloc(BIG_BYTES, 'a')), 'the body of GET /big is not the node’s');
  },
  upload: async (port) => {
    const { status, body } = await request(port, { method: 'POST', target: '/upload', body: 'a'.repeat(BIG_BYTES) });
    expectThat(status === 200, `POST /upload is answered ${status}`);
    expectThat(body.toString() === String(BIG_BYTES), `the node read ${body.toString()} bytes of POST /upload`);
  },
};
