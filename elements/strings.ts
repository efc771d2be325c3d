const number = new Intl.NumberFormat('en');

/**
 * Every sentence that a person sees, in English. Other languages are in `locales/`, one file each, with the same shape;
 * they are loaded when an element stands below a `lang` that asks for them (see `controllers/locale-controller.ts`).
 *
 * What depends on a number is a function, so that each language can count in its own way.
 */
export const english = {
  // Everywhere
  you: 'You',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'Loading…',
  somethingWentWrong: 'Something went wrong.',
  deletedMessage: 'Message deleted',
  online: 'Online',
  away: 'Away',
  yesterday: 'Yesterday',
  today: 'Today',

  // Names of rooms and people
  notesToSelf: 'Notes to yourself',
  onlyYou: 'Only you',
  morePeople: (count: number) => `${count} more`,

  // The connection
  connecting: 'Connecting…',
  offline: 'You are offline. Messages are sent when you are back.',
  reconnecting: 'Reconnecting…',
  reconnectingIn: (seconds: number) => `Reconnecting in ${seconds} s`,
  tryNow: 'Try now',
  signedOut: (reason: string) => (reason ? `Signed out: ${reason}` : 'Signed out.'),
  accessEnded: 'Your access to this chat has ended.',
  tooManyPlaces: 'This chat is open in too many places. Close some of them.',
  cannotSignIn: 'Signing in did not work. Trying again soon.',

  // The list of rooms
  rooms: 'Conversations',
  searchRooms: 'Search conversations',
  clearSearch: 'Clear search',
  noRooms: 'No conversations yet',
  noRoomsHint: 'Start one: it takes a name and a hello.',
  noRoomsFound: (query: string) => `Nothing found for “${query}”`,
  roomsFailed: 'The conversations could not be loaded.',
  noMessagesYet: 'No messages yet',
  lastMessageBy: (name: string, text: string) => `${name}: ${text}`,
  lastMessageByYou: (text: string) => `You: ${text}`,
  unread: (count: number) => `${count} unread`,
  newRoom: 'New conversation',

  // The dialog that starts a room
  searchPeople: 'Search people by name',
  people: 'People',
  searchFailed: 'The search did not work. Try again.',
  nobodyFound: (query: string) => `Nobody found for “${query}”`,
  groupName: 'Group name',
  groupNamePlaceholder: 'Group name (optional)',
  startDirect: (name: string) => `Chat with ${name}`,
  startNotes: 'Open notes to yourself',
  startGroup: (count: number) => `Create group of ${count}`,
  start: 'Start',
  removePerson: (name: string) => `Remove ${name}`,

  // A room
  back: 'Back to conversations',
  chooseRoom: 'Choose a conversation',
  chooseRoomHint: 'Pick one from the list, or start a new one.',
  roomGone: 'You are no longer in this conversation.',
  roomFailed: 'This conversation could not be loaded.',
  members: (count: number) => (count === 1 ? '1 member' : `${number.format(count)} members`),
  onlineCount: (count: number) => `${number.format(count)} online`,
  noMessages: 'No messages yet. Say hello!',
  beginning: 'This is where the conversation begins.',
  messages: 'Messages',
  olderFailed: 'Older messages could not be loaded.',
  newMessages: 'New messages',
  jumpToLatest: 'Jump to latest',
  newMessagesBelow: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
  typing: (names: readonly string[]) =>
    names.length === 1 ? `${names[0]} is typing…`
    : names.length === 2 ? `${names[0]} and ${names[1]} are typing…`
    : 'Several people are typing…',

  // A message
  pending: 'Sending',
  waiting: 'Waiting for a connection',
  sent: 'Sent',
  failed: 'Not sent',
  seen: 'Seen',
  seenBy: (names: readonly string[], others: number) =>
    others > 0 ? `Seen by ${names.join(', ')} and ${others} more` : `Seen by ${names.join(', ')}`,
  seenByCount: (count: number) => `Seen by ${count}`,
  discard: 'Discard',
  deleteMessage: 'Delete message',
  deleteMessageQuestion: 'Delete this message for everyone?',
  delete: 'Delete',

  // The composer
  composerLabel: (room: string) => `Message to ${room}`,
  composerPlaceholder: 'Write a message…',
  send: 'Send',
  charactersLeft: (count: number) => (count === 1 ? '1 character left' : `${count} characters left`),
  charactersOver: (count: number) => (count === 1 ? '1 character too many' : `${count} characters too many`),

  // The details of a room
  details: 'Conversation details',
  rename: 'Rename',
  save: 'Save',
  addPeople: 'Add people',
  removeMember: (name: string) => `Remove ${name} from the group`,
  remove: 'Remove',
  leave: 'Leave group',
  leaveQuestion: 'Leave this group? You will not see its messages any more.',
  showMore: 'Show more',
};

/** What each language has to say. */
export type Strings = typeof english;
