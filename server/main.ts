import { readConfig, unknownVariables } from './config.ts';
import { serve } from './cli/serve.ts';
import { createLog } from './log.ts';

// The server, as the environment says: what `chatter-server` runs when it is told nothing else.

// Whatever nobody has caught left something half done, and nobody knows what: going on could be wrong for everyone, while
// starting anew loses nothing, as what was acknowledged is on disk and clients come back. So it says what it was and ends.
process.on('uncaughtException', (error) => {
  createLog('error').error('Something went wrong that nobody had foreseen: the server ends.', { error });
  process.exit(1);
});

try {
  for (const name of unknownVariables(process.env)) console.error(`${name} is not a setting of this server, and changes nothing.`);
  const running = await serve(readConfig(process.env));
  const stop = (): void => {
    running.close().then(() => process.exit(0), (error: unknown) => {
      createLog('error').error('The server did not end in good order.', { error });
      process.exit(1);
    });
  };
  // Only once: who asks again wants it to end at once, and then the system ends it.
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
