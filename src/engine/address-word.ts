/** IPv4 addresses between text and the 32-bit word that `long` reads. */

export const addressWord = (address: string): number => address.split('.').reduce((all, octet) => (all << 8) | Number(octet), 0);

export const addressText = (all: number): string => [24, 16, 8, 0].map((shift) => (all >>> shift) & 0xff).join('.');
