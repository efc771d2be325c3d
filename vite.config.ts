import { defineConfig } from 'vite';
import { budget } from './.scripts/building/budget.ts';

/**
 * Makes `chatter.js`, the file for script tags: every element, Lit and the styles in one module that registers all tags.
 * What is loaded on demand (languages and the like) lies beside it, under names that change with their content, and is found
 * relative to it, on whatever host it is served.
 */
export default defineConfig({
  publicDir: false,
  logLevel: 'warn',
  plugins: [budget()],
  build: {
    outDir: 'dist/script',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    lib: { entry: { chatter: 'elements/define.ts' }, formats: ['es'] },
    rolldownOptions: {
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'chatter-[name]-[hash].js',
        // Said here again, because a library build leaves the white space in.
        minify: true,
      },
    },
  },
});
