import type { Strings } from '../strings.ts';
import { pluralOf } from './plural.ts';

const plural = pluralOf('ar');
/** With the digits of all the other numbers here. */
const number = new Intl.NumberFormat('ar', { numberingSystem: 'latn' });

/** العربية. */
export const strings: Strings = {
  you: 'أنت',
  close: 'إغلاق',
  cancel: 'إلغاء',
  retry: 'إعادة المحاولة',
  loading: 'جارٍ التحميل…',
  somethingWentWrong: 'حدث خطأ ما.',
  deletedMessage: 'رسالة محذوفة',
  online: 'متصل',
  away: 'غير متصل',
  yesterday: 'أمس',
  today: 'اليوم',

  notesToSelf: 'ملاحظات لنفسك',
  onlyYou: 'أنت فقط',
  morePeople: (count) => plural(count, { one: 'شخص آخر', two: 'شخصان آخران', few: `${count} آخرون`, other: `${count} آخرون` }),

  connecting: 'جارٍ الاتصال…',
  offline: 'أنت غير متصل. ستُرسل الرسائل عند عودتك.',
  reconnecting: 'جارٍ إعادة الاتصال…',
  reconnectingIn: (seconds) => `إعادة الاتصال بعد ${seconds} ث`,
  tryNow: 'حاول الآن',
  signedOut: (reason) => (reason ? `تم تسجيل الخروج: ${reason}` : 'تم تسجيل الخروج.'),
  accessEnded: 'انتهى وصولك إلى هذه الدردشة.',
  tooManyPlaces: 'هذه الدردشة مفتوحة في أماكن كثيرة جدًا. أغلق بعضها.',
  cannotSignIn: 'تعذّر تسجيل الدخول. ستُعاد المحاولة قريبًا.',

  rooms: 'المحادثات',
  searchRooms: 'ابحث في المحادثات',
  clearSearch: 'مسح البحث',
  noRooms: 'لا محادثات بعد',
  noRoomsHint: 'ابدأ واحدة: يكفي اسم وتحية.',
  noRoomsFound: (query) => `لا نتائج عن «${query}»`,
  roomsFailed: 'تعذّر تحميل المحادثات.',
  noMessagesYet: 'لا رسائل بعد',
  lastMessageBy: (name, text) => `${name}: ${text}`,
  lastMessageByYou: (text) => `أنت: ${text}`,
  unread: (count) =>
    plural(count, { one: 'رسالة غير مقروءة', two: 'رسالتان غير مقروءتين', few: `${count} رسائل غير مقروءة`, other: `${count} رسالة غير مقروءة` }),
  newRoom: 'محادثة جديدة',

  searchPeople: 'ابحث عن أشخاص بالاسم',
  people: 'الأشخاص',
  searchFailed: 'لم ينجح البحث. حاول مرة أخرى.',
  nobodyFound: (query) => `لا أحد باسم «${query}»`,
  groupName: 'اسم المجموعة',
  groupNamePlaceholder: 'اسم المجموعة (اختياري)',
  startDirect: (name) => `محادثة ${name}`,
  startNotes: 'فتح ملاحظاتك',
  startGroup: (count) =>
    plural(count, { few: `إنشاء مجموعة من ${count} أشخاص`, many: `إنشاء مجموعة من ${count} شخصًا`, other: `إنشاء مجموعة من ${count} شخص` }),
  start: 'ابدأ',
  removePerson: (name) => `إزالة ${name}`,

  back: 'العودة إلى المحادثات',
  chooseRoom: 'اختر محادثة',
  chooseRoomHint: 'اختر واحدة من القائمة أو ابدأ محادثة جديدة.',
  roomGone: 'لم تعد في هذه المحادثة.',
  roomFailed: 'تعذّر تحميل هذه المحادثة.',
  members: (count) => {
    const written = number.format(count);
    return plural(count, { one: 'عضو واحد', two: 'عضوان', few: `${written} أعضاء`, many: `${written} عضوًا`, other: `${written} عضو` });
  },
  onlineCount: (count) => {
    const written = number.format(count);
    return plural(count, { one: 'متصل واحد', two: 'متصلان', few: `${written} متصلين`, many: `${written} متصلًا`, other: `${written} متصل` });
  },
  noMessages: 'لا رسائل بعد. ألقِ التحية!',
  beginning: 'هنا تبدأ المحادثة.',
  messages: 'الرسائل',
  olderFailed: 'تعذّر تحميل الرسائل الأقدم.',
  newMessages: 'رسائل جديدة',
  jumpToLatest: 'الانتقال إلى الأحدث',
  newMessagesBelow: (count) =>
    plural(count, { one: 'رسالة جديدة', two: 'رسالتان جديدتان', few: `${count} رسائل جديدة`, other: `${count} رسالة جديدة` }),
  typing: (names) =>
    names.length === 1 ? `${names[0]} يكتب…`
    : names.length === 2 ? `${names[0]} و${names[1]} يكتبان…`
    : 'عدة أشخاص يكتبون…',

  pending: 'جارٍ الإرسال',
  waiting: 'بانتظار الاتصال',
  sent: 'أُرسلت',
  failed: 'لم تُرسل',
  seen: 'شوهدت',
  seenBy: (names, others) =>
    others > 0 ? `شاهدها ${names.join('، ')} و${others} غيرهم` : `شاهدها ${names.join('، ')}`,
  seenByCount: (count) => `شاهدها ${count}`,
  discard: 'تجاهل',
  deleteMessage: 'حذف الرسالة',
  deleteMessageQuestion: 'هل تريد حذف هذه الرسالة لدى الجميع؟',
  delete: 'حذف',

  composerLabel: (room) => `رسالة إلى ${room}`,
  composerPlaceholder: 'اكتب رسالة…',
  send: 'إرسال',
  charactersLeft: (count) =>
    plural(count, { one: 'بقي حرف واحد', two: 'بقي حرفان', few: `بقيت ${count} أحرف`, many: `بقي ${count} حرفًا`, other: `بقي ${count} حرف` }),
  charactersOver: (count) =>
    plural(count, { one: 'حرف واحد زائد', two: 'حرفان زائدان', few: `${count} أحرف زائدة`, many: `${count} حرفًا زائدًا`, other: `${count} حرف زائد` }),

  details: 'تفاصيل المحادثة',
  rename: 'إعادة التسمية',
  save: 'حفظ',
  addPeople: 'إضافة أشخاص',
  removeMember: (name) => `إزالة ${name} من المجموعة`,
  remove: 'إزالة',
  leave: 'مغادرة المجموعة',
  leaveQuestion: 'هل تريد مغادرة هذه المجموعة؟ لن ترى رسائلها بعد ذلك.',
  showMore: 'عرض المزيد',
};
