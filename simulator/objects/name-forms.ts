/** Valid forms of object names, label keys and label values. */

const LABEL_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether the text is a valid key of a label or annotation. */
export function isKey(key: string): boolean {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  return parts.length <= 2 && LABEL_NAME.test(name) && name.length <= 63;
}

export function isLabelValue(value: string): boolean {
  return value === '' || (LABEL_NAME.test(value) && value.length <= 63);
}

/** Names of namespaces contain no dots. */
export function isName(name: string, { dots }: { readonly dots: boolean }): boolean {
  return (dots ? DNS_SUBDOMAIN : DNS_LABEL).test(name) && name.length <= (dots ? 253 : 63);
}
