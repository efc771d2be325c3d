import type { Strings } from '../strings.ts';
import { pluralOf } from './plural.ts';

const plural = pluralOf('fr');
const number = new Intl.NumberFormat('fr');

/** Français. */
export const strings: Strings = {
  you: 'Vous',
  close: 'Fermer',
  cancel: 'Annuler',
  retry: 'Réessayer',
  loading: 'Chargement…',
  somethingWentWrong: 'Une erreur est survenue.',
  deletedMessage: 'Message supprimé',
  online: 'En ligne',
  away: 'Absent',
  yesterday: 'Hier',
  today: 'Aujourd’hui',

  notesToSelf: 'Notes personnelles',
  onlyYou: 'Vous seul',
  morePeople: (count) => plural(count, { one: `${count} autre`, other: `${count} autres` }),

  connecting: 'Connexion…',
  offline: 'Vous êtes hors ligne. Les messages partiront à votre retour.',
  reconnecting: 'Reconnexion…',
  reconnectingIn: (seconds) => `Reconnexion dans ${seconds} s`,
  tryNow: 'Essayer maintenant',
  signedOut: (reason) => (reason ? `Déconnecté : ${reason}` : 'Déconnecté.'),
  accessEnded: 'Votre accès à cette messagerie a pris fin.',
  tooManyPlaces: 'Cette messagerie est ouverte à trop d’endroits. Fermez-en quelques-uns.',
  cannotSignIn: 'La connexion au compte a échoué. Nouvel essai dans un instant.',

  rooms: 'Conversations',
  searchRooms: 'Rechercher une conversation',
  clearSearch: 'Effacer la recherche',
  noRooms: 'Aucune conversation pour l’instant',
  noRoomsHint: 'Lancez-en une : un nom et un bonjour suffisent.',
  noRoomsFound: (query) => `Aucun résultat pour « ${query} »`,
  roomsFailed: 'Les conversations n’ont pas pu être chargées.',
  noMessagesYet: 'Aucun message pour l’instant',
  lastMessageBy: (name, text) => `${name} : ${text}`,
  lastMessageByYou: (text) => `Vous : ${text}`,
  unread: (count) => plural(count, { one: `${count} non lu`, other: `${count} non lus` }),
  newRoom: 'Nouvelle conversation',

  searchPeople: 'Rechercher une personne',
  people: 'Personnes',
  searchFailed: 'La recherche a échoué. Réessayez.',
  nobodyFound: (query) => `Personne ne correspond à « ${query} »`,
  groupName: 'Nom du groupe',
  groupNamePlaceholder: 'Nom du groupe (facultatif)',
  startDirect: (name) => `Discuter avec ${name}`,
  startNotes: 'Ouvrir vos notes',
  startGroup: (count) => `Créer un groupe de ${count}`,
  start: 'Démarrer',
  removePerson: (name) => `Retirer ${name}`,

  back: 'Retour aux conversations',
  chooseRoom: 'Choisissez une conversation',
  chooseRoomHint: 'Prenez-en une dans la liste ou lancez-en une nouvelle.',
  roomGone: 'Vous ne faites plus partie de cette conversation.',
  roomFailed: 'Cette conversation n’a pas pu être chargée.',
  members: (count) => plural(count, { one: `${count} membre`, other: `${number.format(count)} membres` }),
  onlineCount: (count) => `${number.format(count)} en ligne`,
  noMessages: 'Aucun message pour l’instant. Dites bonjour !',
  beginning: 'La conversation commence ici.',
  messages: 'Messages',
  olderFailed: 'Les messages plus anciens n’ont pas pu être chargés.',
  newMessages: 'Nouveaux messages',
  jumpToLatest: 'Aller au plus récent',
  newMessagesBelow: (count) => plural(count, { one: `${count} nouveau message`, other: `${count} nouveaux messages` }),
  typing: (names) =>
    names.length === 1 ? `${names[0]} écrit…`
    : names.length === 2 ? `${names[0]} et ${names[1]} écrivent…`
    : 'Plusieurs personnes écrivent…',

  pending: 'Envoi en cours',
  waiting: 'En attente de connexion',
  sent: 'Envoyé',
  failed: 'Non envoyé',
  seen: 'Vu',
  seenBy: (names, others) =>
    others > 0
      ? `Vu par ${names.join(', ')} et ${plural(others, { one: `${others} autre`, other: `${others} autres` })}`
      : `Vu par ${names.join(', ')}`,
  seenByCount: (count) => `Vu par ${count}`,
  discard: 'Abandonner',
  deleteMessage: 'Supprimer le message',
  deleteMessageQuestion: 'Supprimer ce message pour tout le monde ?',
  delete: 'Supprimer',

  composerLabel: (room) => `Message à ${room}`,
  composerPlaceholder: 'Écrire un message…',
  send: 'Envoyer',
  charactersLeft: (count) => plural(count, { one: `${count} caractère restant`, other: `${count} caractères restants` }),
  charactersOver: (count) => plural(count, { one: `${count} caractère en trop`, other: `${count} caractères en trop` }),

  details: 'Détails de la conversation',
  rename: 'Renommer',
  save: 'Enregistrer',
  addPeople: 'Ajouter des personnes',
  removeMember: (name) => `Retirer ${name} du groupe`,
  remove: 'Retirer',
  leave: 'Quitter le groupe',
  leaveQuestion: 'Quitter ce groupe ? Vous ne verrez plus ses messages.',
  showMore: 'Afficher plus',
};
