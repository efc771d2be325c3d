import { describeAddress, type ServerAddress } from './database-url.ts';

/** The database is too old, too new, or not set up as it has to be. The message is a sentence. */
export class UnfitDatabase extends Error {
  override readonly name = 'UnfitDatabase';
}

/** A sentence on why a database cannot be opened, and what to look at. Never with the password. */
export function openingError(error: unknown, address: ServerAddress): Error {
  const cause = rootOf(error);
  if (cause instanceof UnfitDatabase) return cause;
  const { code, errno, message = String(cause) } = (cause ?? {}) as { code?: unknown; errno?: unknown; message?: string };
  const where = describeAddress(address);
  const who = address.user === undefined ? 'this user' : `the user "${address.user}"`;
  const database = `"${address.database}"`;

  switch (typeof errno === 'number' && errno > 0 ? errno : code) {
    case 'ECONNREFUSED': case 'ENOENT':
      return sentence(`No database answers at ${where}. Check that it runs there, and that its address has the right host and port.`);
    case 'ENOTFOUND': case 'EAI_AGAIN':
      return sentence(`The host "${address.host}" of the database is not known to this machine. Check how it is spelt.`);
    case 'EHOSTUNREACH': case 'ENETUNREACH': case 'ETIMEDOUT':
      return sentence(`The database at ${where} cannot be reached. Check that it runs, and that no firewall stands in between.`);
    case '28P01': case '28000': case 1045: case 1698: case 1251: case 4151: {
      const hint = message.includes('no encryption') ? ', or add ?sslmode=require to its address, for it wants TLS' : '';
      return sentence(`The database at ${where} does not let ${who} in. Check the user and the password in its address${hint}.`);
    }
    case '3D000': case 1049:
      return sentence(`There is no database ${database} at ${where}. Make it, or name another one in the address.`);
    case 1044: case 1142: case '42501':
      return sentence(`The database at ${where} does not let ${who} make tables in ${database}. Give them the right to, or make them its owner.`);
    case '53300': case 1040: case 1203: case 1226:
      return sentence(`The database at ${where} has no connection left. Let it take more, or let this server keep fewer (CHATTER_DATABASE_CONNECTIONS).`);
    case '57P03':
      return sentence(`The database at ${where} is starting or stopping. Try again in a moment.`);
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return sentence(`The database at ${where} does not speak TLS, which its address asks for (sslmode).`);
  }
  if (message.includes('does not support SSL')) return sentence(`The database at ${where} does not speak TLS, which its address asks for (sslmode).`);
  if (typeof code === 'string' && /CERT|TLS|SSL|SIGNATURE/.test(code)) {
    return sentence(`The certificate of the database at ${where} is not trusted (${code}). Name the file that it is signed by, as in ?sslmode=verify-full&sslrootcert=/path/to/ca.pem.`);
  }
  if (/timeout|timed out|has not answered/i.test(message)) {
    return sentence(`The database at ${where} does not answer. Check that it runs, and that no firewall stands in between.`);
  }
  return sentence(`The database at ${where} cannot be used (${message.split('\n')[0]}).`);

  function sentence(text: string): Error {
    return new Error(text, { cause });
  }
}

/** What the driver threw, or we, under what others have wrapped around it. */
function rootOf(error: unknown): unknown {
  const isWrapper = error instanceof Error && error.cause instanceof Error && !(error instanceof UnfitDatabase) && !('errno' in error);
  return isWrapper ? rootOf(error.cause) : error;
}
