// One statement, as a client of the database: sql.mjs HOST USER DATABASE SERVER_NAME CA_FILE SQL, the password on stdin
import { readFileSync } from "node:fs";
import pg from "pg";

const [host, user, database, servername, ca, sql] = process.argv.slice(2);
const client = new pg.Client({ host, user, database, password: readFileSync(0, "utf8"), ssl: ca === "-" ? false : { ca: readFileSync(ca, "utf8"), servername } });
try {
  await client.connect();
  console.log(JSON.stringify((await client.query(sql)).rows));
  await client.end();
} catch (error) {
  console.log(`refused: ${error.message}`);
}
