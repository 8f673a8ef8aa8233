/** Requests per minute by plan. Source: getting-started/rate-limits (2026); Basic and Standard by the nearest price. */
const rpm: { readonly [plan: string]: number } = {
  free: 5,
  starter: 10,
  basic: 10,
  plus: 15,
  core: 20,
  standard: 20,
  pro: 30,
  business: 60,
  enterprise: 100
}

/** Proxy keys per account by plan. Source: api-reference/proxy-create, which knows five plans; the others by the nearest. */
const keyCap: { readonly [plan: string]: number } = {
  free: 10,
  starter: 15,
  basic: 15,
  plus: 30,
  core: 30,
  standard: 30,
  pro: 50,
  business: 100,
  enterprise: 100
}

export const rpmOf = (plan: string): number => rpm[plan] ?? 5
export const keyCapOf = (plan: string): number => keyCap[plan] ?? 10
export const isPremium = (plan: string): boolean => plan !== "free"
