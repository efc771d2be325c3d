import { readConfig, unknownVariables } from './config.ts';
import { serve } from './cli/serve.ts';

// The server, as the environment says: what `chatter-server` runs when it is told nothing else.
try {
  for (const name of unknownVariables(process.env)) console.error(`${name} is not a setting of this server, and changes nothing.`);
  const running = await serve(readConfig(process.env));
  const stop = (): void => {
    running.close().then(() => process.exit(0), (error: unknown) => {
      console.error(error);
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
