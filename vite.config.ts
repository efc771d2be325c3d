import { defineConfig } from 'vite';

/**
 * Makes `chatter.js`, the file for script tags: every element, Lit and the styles in one module that registers all tags.
 * What is loaded on demand (languages and the like) lies beside it, under names that change with their content.
 */
export default defineConfig({
  // Relative: chunks are found beside chatter.js, on whatever host and under whatever path it is served.
  base: './',
  publicDir: false,
  // @tanstack/virtual-core asks for it at run time, and pages have no `process`.
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warn',
  build: {
    outDir: 'dist/script',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { chatter: 'elements/define.ts' },
      // What define.ts exports, chatter.js exports.
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chatter-[name]-[hash].js' },
    },
  },
});
