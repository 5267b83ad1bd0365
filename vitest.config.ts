import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { 'pcap-writer': fileURLToPath(new URL('./src/pcap-writer/src/index.ts', import.meta.url)) } },
  test: {
    include: ['{spec,properties,golden,src,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 120_000,
  },
});
