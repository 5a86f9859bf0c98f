/** The ports of a PC's serial ports by their devices: `SERIAL_PORT_DFNS`, Linux's `arch/x86/include/asm/serial.h`. */
export const COM_PORTS: ReadonlyMap<string, bigint> = new Map([
  ['ttyS0', 0x3f8n],
  ['ttyS1', 0x2f8n],
  ['ttyS2', 0x3e8n],
  ['ttyS3', 0x2e8n],
]);
