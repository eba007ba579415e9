/** Version of the protocol, the same in all implementations. */
export const PROTOCOL_VERSION = '0.2.1';

/** What this program calls itself in VERSION; equals package.json's version (a test says so). */
export const RELEASE = 'mcmp/0.1.0';
