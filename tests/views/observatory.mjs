// Judges answers, a JSON object a line, by MDN's own rules, and prints the points of each.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const source = pathToFileURL(`${process.argv[2]}/src/`);
const load = (file) => import(new URL(file, source).href);
const { ALL_TESTS } = await load("constants.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load("grader/charts.js");
const { getScoreModifier } = await load("grader/grader.js");
const { parseHttpEquivHeaders } = await load("retriever/utils.js");
const { Session } = await load("retriever/session.js");
const { Requests } = await load("types.js");

const HOST = "integrations.example";

function requestsOf(answer) {
  const requests = new Requests(HOST);
  const url = new URL(`https://${HOST}/`);
  requests.session = new Session(url);
  for (const cookie of answer.cookies) requests.session.jar.setCookieSync(cookie, url.href);
  const headers = new Map(Object.entries(answer.headers));
  const response = {
    status: 200, verified: true, data: answer.body, request: {},
    headers: Object.assign(Object.fromEntries(headers), { get: (name) => headers.get(name) }),
  };
  requests.resources.path = answer.body;
  response.httpEquiv = parseHttpEquivHeaders(answer.body, url.href);
  Object.assign(requests.responses, { auto: response, https: response, cors: response, http: null });
  return requests;
}

for await (const line of createInterface({ input: process.stdin })) {
  const requests = requestsOf(JSON.parse(line));
  const modifiers = ALL_TESTS.map((test) => getScoreModifier(test(requests).result));
  const plain = 100 + modifiers.filter((points) => points < 0).reduce((a, b) => a + b, 0);
  const all = 100 + modifiers.reduce((a, b) => a + b, 0);
  console.log(plain >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : plain);
}
