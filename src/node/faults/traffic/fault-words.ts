/** NUL, letters with the eighth bit, and line ends at the wrong places. */
export const GARBAGE = `\0\x01\xfe\xff{"no":\r\r\n\n "HTTP"}\x80\x81\r\n\r\n`;
/** A hundred bytes. */
export const FILL = 'mcmp '.repeat(20);
