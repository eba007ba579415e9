import { textOf } from '../../../src/core/mcmp/bytes.ts';
import type { TestBalancer } from '../../support/balancer.ts';
import { hostPort, type RawAnswer, talk } from '../../support/raw-http.ts';

/** How tests use the manager page without a browser. */

export const PAGE = '/mod_cluster-manager';

export interface PageClient {
  get(query?: string, headers?: string): Promise<RawAnswer>;
  /** The page, as text. */
  look(query?: string): Promise<string>;
  /** Sends the form of the page with its token, as the browser does. */
  post(fields: Readonly<Record<string, string>>, options?: PostOptions): Promise<RawAnswer>;
  formToken(): Promise<string>;
  /** Sends the form, and gives the page that the browser is sent to. */
  click(order: string, confirmed?: boolean): Promise<string>;
}

export interface PostOptions {
  readonly query?: string;
  readonly headers?: string;
  /** undefined: that of the page. */
  readonly token?: string;
  readonly contentType?: string;
}

export function pageClient(lb: TestBalancer, path = PAGE): PageClient {
  const host = hostPort(lb.mcmpPort);
  const get = (query = '', headers = ''): Promise<RawAnswer> =>
    talk(lb.mcmpPort, `GET ${path}${query} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`);
  const look = async (query = ''): Promise<string> => textOf((await get(query)).body);
  const formToken = async (): Promise<string> => tokenIn(await look());
  const post: PageClient['post'] = async (fields, options = {}) => {
    const { query = '', headers = '', contentType = 'application/x-www-form-urlencoded' } = options;
    const token = options.token ?? (await formToken());
    const body = new URLSearchParams({ ...(token === '' ? {} : { token }), ...fields }).toString();
    const head = `POST ${path}${query} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Type: ${contentType}\r\n`;
    return await talk(lb.mcmpPort, `${head}Content-Length: ${body.length}\r\n${headers}\r\n${body}`);
  };
  return {
    get,
    look,
    post,
    formToken,
    async click(order, confirmed = false) {
      const answer = await post({ order, ...(confirmed ? { confirmed: 'yes' } : {}) });
      if (answer.status !== 303) return textOf(answer.body);
      return await look((answer.headers.get('location') ?? '').replace(/#.*/, ''));
    },
  };
}

export function tokenIn(page: string): string {
  return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

/** Orders of the buttons of a page, as the browser would send them. */
export function ordersIn(page: string): string[] {
  return Array.from(page.matchAll(/<button name="order" value="([^"]*)"/g), ([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );
}

export function order(command: string, range: string, rest: string): string {
  return `Cmd=${command}&Range=${range}&${rest}`;
}
