import { daysSince } from "./age.ts";
import { defineRule, type CheckedResource } from "./rule.ts";
import { amount, names } from "./settings.ts";

/** BOSH's default for certificates. */
const CERTIFICATE_DAYS = 365;

interface CredentialProps {
  variable?: string;
  options?: { is_ca?: boolean; duration?: number };
  createdAt?: string;
}

/** Credentials that are too old, and certificates that end soon. New ones are younger than any limit. */
export const rotationAge = defineRule({
  name: "rotation-age",
  description: "Credentials are rotated in time.",
  config: {
    passwordDays: amount("Oldest password, in days.", 180),
    keyDays: amount("Oldest SSH or RSA key, in days.", 365),
    certificateDays: amount("Oldest certificate, in days.", 365),
    caDays: amount("Oldest CA, in days.", 1095),
    beforeEndDays: amount("Days before its end at which a certificate must be new.", 30),
    allow: names("Variables to let pass."),
  },
  checkStack(resources, config, now) {
    const oldest = ({ type }: CheckedResource, isCa: boolean): number | undefined => {
      if (type === "repave:index:Password") return config.passwordDays;
      if (type === "repave:index:SshKey" || type === "repave:index:RsaKey") return config.keyDays;
      if (type === "repave:index:Certificate") return isCa ? config.caDays : config.certificateDays;
      return undefined;
    };
    return resources.filter((r) => oldest(r, false) !== undefined).flatMap((resource) => {
      const { variable = resource.name, options = {}, createdAt } = resource.props as CredentialProps;
      const days = daysSince(createdAt, now);
      const most = oldest(resource, options.is_ca === true);
      if (days === undefined || most === undefined || config.allow.includes(variable)) return [];
      const left = resource.type === "repave:index:Certificate" ? (options.duration ?? CERTIFICATE_DAYS) - days : Infinity;
      if (left < config.beforeEndDays) return [{ message: `The certificate '${variable}' ${left < 0 ? "has ended" : `ends in ${left} days`}: rotate it.`, urn: resource.urn }];
      return days > most ? [{ message: `The credential '${variable}' is ${days} days old; ${most} is the most: rotate it.`, urn: resource.urn }] : [];
    });
  },
});
