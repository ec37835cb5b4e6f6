const dateTime = /^(\d{4})-(\d\d)-(\d\d)[Tt\s](\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|z|[-+](?:[01]\d|2[0-3]):[0-5]\d)$/;
const label = /^[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd}-]*[\p{L}\p{M}\p{Nd}])?$/u;
const localPart = /^(?:[\w!#$%&'*+\-/=?^`{|}~\u0080-\uffff]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\u0080-\uffff]+)*|"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\uffff]|\\[\x20-\x7e])*")$/;
const uriScheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const uriCharacters = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const jsonPointer = "(?:/(?:[^~/]|~[01])*)*";
const durationForm = /^P(?:(?:\d+D|\d+M(?:\d+D)?|\d+Y(?:\d+M(?:\d+D)?)?)(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?|T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)|\d+W)$/;

const ascii = (text: string) => /^[\0-\x7f]*$/.test(text);
const escapeIri = (text: string) => text.replace(/[^\0-\x7f]/gu, (c) => encodeURIComponent(c));
const isUri = (text: string) => uriScheme.test(text) && isUriReference(text);
const isUriReference = (text: string) => uriCharacters.test(text) && (text.match(/#/g)?.length ?? 0) <= 1;

const formats: Record<string, (text: string) => boolean> = {
  "date-time": isDateTime,
  date: (text) => isDateTime(`${text}T04:05:06+07:00`),
  time: (text) => isDateTime(`2001-02-03T${text}`),
  duration: (text) => durationForm.test(text),
  email: (text) => ascii(text) && isEmail(text),
  "idn-email": isEmail,
  hostname: (text) => ascii(text) && isHostname(text),
  "idn-hostname": isHostname,
  ipv4: isIPv4,
  ipv6: isIPv6,
  uri: isUri,
  "uri-reference": isUriReference,
  iri: (text) => isUri(escapeIri(text)),
  "iri-reference": (text) => isUriReference(escapeIri(text)),
  uuid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  "uri-template": (text) => /^(?:[^{}]|\{[^{}]+\})*$/.test(text),
  "json-pointer": (text) => new RegExp(`^${jsonPointer}$`).test(text),
  "relative-json-pointer": (text) => new RegExp(`^(?:0|[1-9]\\d*)(?:#|${jsonPointer})?$`).test(text),
  regex: isRegexp,
};

/** Whether a text has a format of JSON Schema; unknown formats pass. */
export function matchesFormat(format: string, text: string): boolean {
  return Object.hasOwn(formats, format) ? formats[format]!(text) : true;
}

function isDateTime(text: string): boolean {
  const found = dateTime.exec(text);
  if (!found) return false;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  return second < 60 || isLeapMinute(hour, minute, found[7]!);
}

/** A leap second is the last second of a day in UTC. */
function isLeapMinute(hour: number, minute: number, zone: string): boolean {
  const [, sign, hours, minutes] = /^([-+])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return (((hour * 60 + minute - offset) % 1440) + 1440) % 1440 === 1439;
}

const byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${byte}(?:\\.${byte}){3}$`);

function isIPv4(text: string): boolean {
  return ipv4.test(text);
}

function isIPv6(text: string): boolean {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  const groups = tail.includes(".") ? (isIPv4(tail) ? text.slice(0, text.length - tail.length) + "0:0" : "") : text;
  const halves = groups.split("::");
  if (groups === "" || halves.length > 2) return false;
  const parts = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  return parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part)) && (halves.length === 2 ? parts.length < 8 : parts.length === 8);
}

function isHostname(text: string): boolean {
  return text.split(".").every((part) => part.length <= 63 && part.slice(2, 4) !== "--" && label.test(part)) || /^xn--/i.test(text);
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at < 1 || !localPart.test(text.slice(0, at))) return false;
  const domain = text.slice(at + 1);
  const literal = /^\[(?:IPv6:([0-9A-Fa-f:]+)|([\d.]+))\]$/.exec(domain);
  if (literal) return literal[1] === undefined ? isIPv4(literal[2]!) : isIPv6(literal[1]);
  return isHostname(domain);
}

function isRegexp(text: string): boolean {
  try {
    return new RegExp(text, "u").source !== undefined;
  } catch {
    return false;
  }
}
