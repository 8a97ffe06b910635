const REQUEST: [string, string] = [
  "Not understood",
  "What you sent is no request that this site understands. Go back, and try again.",
];
const SIGN_IN: [string, string] = [
  "Not signed in",
  "This part of the site is for people who have signed in.",
];
const BROKEN: [string, string] = [
  "Something went wrong",
  "This site has a fault of its own. Try again in a moment.",
];

/**
 * What the edge itself answers when it can't or may not pass a request on: status → title and text. These are all
 * statuses that Nginx or HAProxy (`http-error` in its manual) can answer with, except 408: Nginx closes a connection that
 * sends too slowly without an answer.
 */
export const PAGES: Readonly<Record<string, readonly [title: string, text: string]>> = {
  400: REQUEST,
  401: SIGN_IN,
  403: ["Not allowed", "This part of the site isn't open to you."],
  404: ["Nothing here", "There is no page at this address. It may have moved, or the link has a mistake."],
  405: ["Not possible here", "This address doesn't take that kind of request."],
  407: SIGN_IN,
  410: ["Gone", "What was at this address is there no more."],
  411: ["Length missing", "This site must know beforehand how long it is, what you send."],
  412: ["Changed meanwhile", "What you wanted to change is no longer as you have seen it. Load it again."],
  413: ["Too large", "What you sent is larger than this site accepts. Try a smaller file."],
  414: ["Address too long", "The address that you asked for is longer than this site accepts."],
  415: ["Kind not accepted", "What you sent is of a kind that this site doesn't take."],
  416: ["No such part", "The part of the file that you asked for isn't there."],
  421: ["Another site", "This server doesn't answer for that name. Load the page again."],
  422: ["Not accepted", "What you sent can't be worked with."],
  425: ["Too early", "Your request came before the connection was safe. Send it again."],
  429: [
    "Too many requests",
    "You asked for more than is allowed in a short time. Wait a moment, then try again.",
  ],
  431: [
    "Too many cookies",
    "Your browser sent more with its request than this site accepts. Delete the cookies of this site, then try again.",
  ],
  500: BROKEN,
  501: ["Not known here", "This site doesn't know how to do what was asked."],
  502: ["No answer", "The application behind this page gave no proper answer. Try again in a moment."],
  503: ["Not available right now", "Nothing can answer here at this moment. Try again in a moment."],
  504: ["No answer in time", "The application behind this page took too long. Try again in a moment."],
  505: ["Version not known", "This site doesn't speak the version of HTTP that was asked for."],
  507: BROKEN,
  maintenance: ["Back soon", "This site is being worked on. It will be back shortly."],
};
