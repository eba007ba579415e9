import { AJP_ATTRIBUTE, type AjpAttribute, END_OF_ATTRIBUTES, textAttributeName } from './attributes.ts';
import { REQUEST_HEADER_SHELF } from './header-codes.ts';
import { METHOD_IN_ATTRIBUTE, methodCode } from './methods.ts';
import { PacketWriter } from './packet-writer.ts';
import { AJP_MAGIC_TO_NODE, AJP_PACKET } from './packets.ts';
import { ATTRIBUTE_TEXT, TARGET_TEXT, TOKEN_TEXT, VALUE_TEXT } from './texts.ts';
import type { AjpForwardRequest } from './types.ts';

/**
 * Writes FORWARD_REQUESTs one after the other, field by field and without objects in between: `begin`, then every header,
 * then every attribute, then `end`. A RangeError says that a field cannot be written as it is; `begin` starts anew after it.
 */
export class ForwardRequestWriter {
  readonly #packet: PacketWriter;
  #method = '';
  #countAt = 0;
  #headerCount = 0;
  #inAttributes = false;
  /** The method has no code and was not written yet. */
  #owesMethod = false;

  /** @param packetBytes the most bytes of a packet @throws RangeError when it is no size of a packet */
  constructor(packetBytes: number) {
    this.#packet = new PacketWriter(packetBytes);
  }

  /**
   * @param method a token; one without a code goes into the attribute `stored_method`, which `end` adds
   * @param protocol `HTTP/1.1`
   * @param uri the path, without the query
   * @param serverPort 0 to 65535
   * @param remoteHost name of the client; null: not looked up
   * @throws RangeError for a field that cannot be written
   */
  begin(
    method: string,
    protocol: string,
    uri: string,
    remoteAddress: string,
    serverName: string,
    serverPort: number,
    isSsl: boolean,
    remoteHost: string | null = null,
  ): void {
    const packet = this.#packet;
    const code = methodCode(method);
    packet.begin(AJP_MAGIC_TO_NODE, AJP_PACKET.forwardRequest);
    packet.byte(code);
    packet.text(protocol, VALUE_TEXT, 'The protocol');
    if (uri === '') throw new RangeError('The path is empty.');
    packet.text(uri, TARGET_TEXT, 'The path');
    packet.text(remoteAddress, VALUE_TEXT, 'The address of the client');
    if (remoteHost === null) packet.nullText();
    else packet.text(remoteHost, VALUE_TEXT, 'The name of the client');
    packet.text(serverName, VALUE_TEXT, 'The server name');
    packet.integer(serverPort);
    packet.byte(isSsl ? 1 : 0);
    this.#countAt = packet.reserveInteger();
    this.#headerCount = 0;
    this.#inAttributes = false;
    this.#method = method;
    this.#owesMethod = code === METHOD_IN_ATTRIBUTE;
    if (this.#owesMethod && method === '') throw new RangeError('The method is empty.');
  }

  /** @throws RangeError for what is no header, and behind the first attribute */
  header(name: string, value: string): void {
    if (this.#inAttributes) throw new RangeError('A header cannot stand behind an attribute.');
    this.#packet.header(REQUEST_HEADER_SHELF, name, value);
    this.#headerCount++;
  }

  /**
   * An attribute whose value is one string.
   * @param code one of `AJP_ATTRIBUTE`
   * @param value a byte string without 00
   * @throws RangeError for another attribute, and for a `stored_method` that is not the method of `begin`: Tomcat would
   *   take it instead of the method
   */
  attribute(code: number, value: string): void {
    if (textAttributeName(code) === undefined) throw new RangeError(`${code} is no attribute with one string.`);
    if (code === AJP_ATTRIBUTE.stored_method) {
      if (!this.#owesMethod || value !== this.#method) throw new RangeError('A request has one method.');
      this.#owesMethod = false;
    }
    this.#beginAttribute(code);
    this.#packet.text(value, code === AJP_ATTRIBUTE.stored_method ? TOKEN_TEXT : ATTRIBUTE_TEXT, 'An attribute');
  }

  /** A request attribute. Tomcat answers 403 to names that it was not told to allow, but for those that httpd sends. */
  requestAttribute(name: string, value: string): void {
    this.#beginAttribute(AJP_ATTRIBUTE.req_attribute);
    this.#packet.text(name, ATTRIBUTE_TEXT, 'The name of an attribute');
    this.#packet.text(value, ATTRIBUTE_TEXT, 'An attribute');
  }

  /** `ssl_key_size` as a number, as httpd writes it. @param bits of the cipher's key, 0 to 65535 */
  keySize(bits: number): void {
    this.#beginAttribute(AJP_ATTRIBUTE.ssl_key_size);
    this.#packet.integer(bits);
  }

  /** `ssl_key_size` as a string, as Undertow writes it. @param digits of the number, at least one */
  keySizeAsText(digits: string): void {
    if (!/^\d+$/.test(digits)) throw new RangeError('A key size has digits only.');
    this.#beginAttribute(AJP_ATTRIBUTE.ssl_key_size);
    this.#packet.text(digits, TOKEN_TEXT, 'A key size');
  }

  /** @returns the whole packet; null when it is larger than a packet may be */
  end(): Buffer | null {
    if (this.#owesMethod) this.attribute(AJP_ATTRIBUTE.stored_method, this.#method);
    if (!this.#inAttributes) this.#endHeaders();
    this.#packet.byte(END_OF_ATTRIBUTES);
    return this.#packet.end();
  }

  #beginAttribute(code: number): void {
    if (!this.#inAttributes) this.#endHeaders();
    this.#packet.byte(code);
  }

  #endHeaders(): void {
    this.#inAttributes = true;
    this.#packet.setInteger(this.#countAt, this.#headerCount);
  }
}

/**
 * Writes a FORWARD_REQUEST.
 * @param packetBytes the most bytes of a packet
 * @returns the whole packet, or null when it is larger
 * @throws RangeError when a field cannot be written as it is
 */
export function writeForwardRequest(request: AjpForwardRequest, packetBytes: number): Buffer | null {
  const writer = new ForwardRequestWriter(packetBytes);
  writer.begin(
    request.method,
    request.protocol,
    request.uri,
    request.remoteAddress,
    request.serverName,
    request.serverPort,
    request.isSsl,
    request.remoteHost,
  );
  for (const [name, value] of request.headers) writer.header(name, value);
  for (const attribute of request.attributes) writeAttribute(writer, attribute);
  return writer.end();
}

function writeAttribute(writer: ForwardRequestWriter, attribute: AjpAttribute): void {
  if (attribute.name === 'req_attribute') {
    writer.requestAttribute(attribute.key, attribute.value);
  } else if (attribute.name !== 'ssl_key_size') {
    writer.attribute(AJP_ATTRIBUTE[attribute.name], attribute.value);
  } else if (attribute.form === 'string') {
    writer.keySizeAsText(attribute.value);
  } else {
    if (!/^\d{1,5}$/.test(attribute.value)) throw new RangeError('A key size has one to five digits.');
    writer.keySize(Number(attribute.value));
  }
}
