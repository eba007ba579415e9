import type { NodeRecord } from '../core/cluster/records.ts';
import type { ClientIdentity } from '../core/http/index.ts';
import { AjpRequestRelay } from './ajp/request-relay.ts';
import { AjpResponseRelay } from './ajp/response-relay.ts';
import type { HeldBody } from './held-body.ts';
import type { NodeProtocol } from './node-protocol.ts';
import { RequestRelay } from './request-relay.ts';
import { ResponseRelay } from './response-relay.ts';
import { protocolOf } from './transports.ts';

/** What an exchange needs to speak with nodes, one protocol after the other when it tries several nodes. */
export class NodeProtocols {
  readonly http: { readonly request: RequestRelay; readonly response: ResponseRelay };
  /** Made when a node wants it first: most clusters speak one protocol. */
  #ajp: { readonly request: AjpRequestRelay; readonly response: AjpResponseRelay } | null = null;
  readonly #held: HeldBody;
  #client: ClientIdentity;

  /** @param held what is kept of the body while one node after the other is tried */
  constructor(client: ClientIdentity, held: HeldBody) {
    this.#client = client;
    this.#held = held;
    this.http = { request: new RequestRelay(client, held), response: new ResponseRelay() };
  }

  /** Requests of another client come from now on. */
  serve(client: ClientIdentity): void {
    this.#client = client;
    this.http.request.serve(client);
    this.#ajp?.request.serve(client);
  }

  of(node: NodeRecord): NodeProtocol {
    if (protocolOf(node) === 'http') return this.http;
    if (this.#ajp === null) {
      const request = new AjpRequestRelay(this.#client, this.#held);
      this.#ajp = { request, response: new AjpResponseRelay(request) };
    }
    return this.#ajp;
  }
}
