/** What a connector of a node may be (`Type` of CONFIG, `Scheme` of PING; reference §2.1). */
export const CONNECTOR_TYPE_NAMES = ['http', 'ws', 'https', 'wss', 'ajp'] as const;

export type ConnectorType = (typeof CONNECTOR_TYPE_NAMES)[number];

export interface ConnectorTypeRow {
  /** What requests are written in. An upgrade makes a ws node of any http node, and a wss node of any https node. */
  readonly speaks: 'http' | 'ajp';
  readonly isEncrypted: boolean;
}

const ROWS: Readonly<Record<ConnectorType, ConnectorTypeRow>> = {
  http: { speaks: 'http', isEncrypted: false },
  ws: { speaks: 'http', isEncrypted: false },
  https: { speaks: 'http', isEncrypted: true },
  wss: { speaks: 'http', isEncrypted: true },
  ajp: { speaks: 'ajp', isEncrypted: false },
};

/** By name, for names that peers and people bring. */
export const CONNECTOR_TYPES: ReadonlyMap<string, ConnectorTypeRow> = new Map(
  CONNECTOR_TYPE_NAMES.map((name) => [name, ROWS[name]]),
);

/** Whether what is said to connectors of that type is encrypted; undefined and unknown types are not. */
export function isEncryptedType(type: string | undefined): boolean {
  return type !== undefined && CONNECTOR_TYPES.get(type)?.isEncrypted === true;
}
