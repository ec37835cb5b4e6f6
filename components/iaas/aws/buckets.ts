import * as pulumi from "@pulumi/pulumi";
import { dashed, named, type Shared } from "./shared.ts";

export interface Buckets {
  /** Name of each purpose's bucket. */
  names: Readonly<Record<string, pulumi.Output<string>>>;
  /** Instance profile of VMs that may use them; undefined without any. */
  profile: pulumi.Output<string> | undefined;
  made: readonly pulumi.Resource[];
}

/** The platform's own S3 blobstore: closed to the public, encrypted, and for VMs without keys of their own. */
export function declareBuckets({ sdk, name, settings, open, opts }: Shared): Buckets {
  if (settings.buckets.length === 0) return { names: {}, profile: undefined, made: [] };
  const made: pulumi.Resource[] = [];
  const keep = <R extends pulumi.Resource>(resource: R): R => (made.push(resource), resource);
  const buckets = settings.buckets.map((purpose) => {
    const label = dashed(name, purpose);
    // S3 names are the world's: AWS adds random letters.
    const bucket = keep(new sdk.Bucket(label, { bucketPrefix: `${label.toLowerCase().slice(0, 30)}-`, forceDestroy: settings.emptyBucketsOnDestroy, tags: named(label, open.tags) }, opts));
    keep(new sdk.BucketPublicAccessBlock(label, { bucket: bucket.id, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }, opts));
    const byDefault = settings.kmsKeyArn === undefined ? { sseAlgorithm: "AES256" } : { sseAlgorithm: "aws:kms", kmsMasterKeyId: settings.kmsKeyArn };
    keep(new sdk.BucketServerSideEncryptionConfiguration(label, { bucket: bucket.id, rules: [{ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled: settings.kmsKeyArn !== undefined }] }, opts));
    return [purpose, bucket] as const;
  });
  const label = dashed(name, "vms");
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }] };
  const role = keep(new sdk.Role(label, { assumeRolePolicy: JSON.stringify(trust), tags: named(label, open.tags) }, opts));
  const policy = pulumi.all(buckets.map(([, bucket]) => bucket.arn)).apply((arns) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: arns },
        { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], Resource: arns.map((arn) => `${arn}/*`) },
      ],
    }),
  );
  keep(new sdk.RolePolicy(label, { role: role.id, policy }, opts));
  const profile = keep(new sdk.InstanceProfile(label, { role: role.name, tags: named(label, open.tags) }, opts));
  return { names: Object.fromEntries(buckets.map(([purpose, bucket]) => [purpose, bucket.id])), profile: profile.name, made };
}
