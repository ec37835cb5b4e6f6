import { type Config } from "./config.ts";
import { type GuestbookEntry } from "./database.ts";

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  .where { background: #eef4ff; border-left: 4px solid #36c; padding: .5rem 1rem; }
  .outage { background: #fff0ee; border-left: 4px solid #c33; padding: .5rem 1rem; }
  form { display: grid; gap: .5rem; margin: 1.5rem 0; }
  input, textarea, button { font: inherit; padding: .4rem; }
  li { margin-bottom: .8rem; } small { color: #666; }`;

/** The guestbook as people see it; without entries the database cannot be used now. */
export function page(instance: Config["instance"], entries: readonly GuestbookEntry[] | undefined): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Guestbook</title><style>${style}
</style></head>
<body>
<h1>Guestbook</h1>
<p class="where">Answered by <strong>${escaped(instance.group)}/${instance.index}</strong> in AZ <strong>${escaped(instance.az)}</strong> (<code>${escaped(instance.id)}</code>)</p>
${entries ? `${form}\n${list(entries)}` : outage}
</body>
</html>
`;
}

const outage = `<p class="outage">The guestbook's database cannot be reached now. This page works, the entries are safe; please try again soon.</p>`;

const form = `<form method="post" action="/entries">
<label>Name <input name="author" maxlength="80" required></label>
<label>Message <textarea name="text" rows="3" maxlength="2000" required></textarea></label>
<button>Sign</button>
</form>`;

function list(entries: readonly GuestbookEntry[]): string {
  if (entries.length === 0) return "<p>No entries yet.</p>";
  return `<ul>\n${entries.map((e) => `<li>${escaped(e.text)}<br><small>${escaped(e.author)}, ${escaped(e.at)}</small></li>`).join("\n")}\n</ul>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
