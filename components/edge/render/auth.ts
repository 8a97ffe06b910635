import { namedPlaces } from "../../../config/places.ts";
import type { Auth } from "../../../config/schema/auth.ts";
import type { Site } from "../site.ts";
import { allPlaces, placeName, type Place } from "./places.ts";

/** Users by file: file → user → name of the secret with the password. */
export function userFiles(site: Site): Record<string, Auth["users"]> {
  const own = allPlaces(site).flatMap((place): [string, Auth["users"]][] => {
    const { auth } = place.route;
    return auth ? [[placeName(place), auth.users]] : [];
  });
  const places = namedPlaces(site).flatMap(({ key, settings: { auth } }): [string, Auth["users"]][] =>
    auth ? [[key, auth.users]] : [],
  );
  return Object.fromEntries([...own, ...places]);
}

/** The file with those who may see a route; its own, or its subdomain's or site's. */
export function routeUsers(site: Site, place: Place): string | undefined {
  const { scope, route } = place;
  if (route.auth === false) return undefined;
  if (route.auth) return placeName(place);
  const around = namedPlaces(site).find(({ key }) => key === scope);
  return around?.settings.auth ? around.key : undefined;
}

/** Asks for a password (ngx_http_auth_basic_module), for everything below a location too. */
export function asksFor(file: string | undefined, grpc = false): string[] {
  if (file === undefined) return [];
  const secret = grpc ? 'grpc_set_header Authorization "";' : SECRET;
  return ['auth_basic "Sign in";', `auth_basic_user_file /etc/fairlead/users/${file};`, secret];
}

/** The edge's passwords are none of the application's business; a location inside another one says so again. */
export function keepsSecret(file: string | undefined): string {
  return file === undefined ? "" : SECRET;
}

const SECRET = 'proxy_set_header Authorization "";';
