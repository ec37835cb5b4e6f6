import { randomBytes } from "node:crypto";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import type { Part } from "../../stand-in/kind.ts";
import { tagList, unlessGone, whether, type Clients } from "./clients.ts";

type AwsPart = Part<Clients>;

export const bucket: AwsPart = {
  type: "aws:s3/bucket:Bucket",
  replace: ["bucket", "bucketPrefix", "objectLockEnabled"],
  async create(api, { bucketPrefix }) {
    const name = `${bucketPrefix}${randomBytes(6).toString("hex")}`;
    await api.s3.send(new s3.CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: api.region as s3.BucketLocationConstraint } }));
    return { id: name, outputs: { arn: `arn:aws:s3:::${name}`, bucket: name } };
  },
  async ready(api, id, { tags }) {
    await api.s3.send(new s3.PutBucketTaggingCommand({ Bucket: id, Tagging: { TagSet: tagList(tags) as s3.Tag[] } }));
  },
  async update() {},
  remove: (api, id) => unlessGone(api.s3.send(new s3.DeleteBucketCommand({ Bucket: id }))),
  isThere: (api, id) => whether(api.s3.send(new s3.HeadBucketCommand({ Bucket: id }))),
};

export const bucketPublicAccessBlock: AwsPart = {
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  replace: ["bucket"],
  async create(api, inputs) {
    const { blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets } = inputs;
    const closed = { BlockPublicAcls: blockPublicAcls, BlockPublicPolicy: blockPublicPolicy, IgnorePublicAcls: ignorePublicAcls, RestrictPublicBuckets: restrictPublicBuckets };
    await api.s3.send(new s3.PutPublicAccessBlockCommand({ Bucket: inputs["bucket"], PublicAccessBlockConfiguration: closed }));
    return { id: inputs["bucket"] };
  },
  remove: (api, id) => unlessGone(api.s3.send(new s3.DeletePublicAccessBlockCommand({ Bucket: id }))),
  isThere: async () => true,
};

export const bucketEncryption: AwsPart = {
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  replace: ["bucket"],
  async create(api, { bucket: name, rules }) {
    const algorithm = rules[0].applyServerSideEncryptionByDefault.sseAlgorithm as s3.ServerSideEncryption;
    await api.s3.send(new s3.PutBucketEncryptionCommand({ Bucket: name, ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm } }] } }));
    return { id: name };
  },
  remove: (api, id) => unlessGone(api.s3.send(new s3.DeleteBucketEncryptionCommand({ Bucket: id }))),
  isThere: async () => true,
};

const generated = (prefix: string) => `${prefix}-${randomBytes(6).toString("hex")}`;

export const role: AwsPart = {
  type: "aws:iam/role:Role",
  replace: ["name", "namePrefix", "path"],
  async create(api, { assumeRolePolicy, tags }) {
    const { Role } = await api.iam.send(new iam.CreateRoleCommand({ RoleName: generated("role"), AssumeRolePolicyDocument: assumeRolePolicy, Tags: tagList(tags) as iam.Tag[] }));
    return { id: Role!.RoleName!, outputs: { name: Role!.RoleName, arn: Role!.Arn } };
  },
  remove: (api, id) => unlessGone(api.iam.send(new iam.DeleteRoleCommand({ RoleName: id }))),
  isThere: (api, id) => whether(api.iam.send(new iam.GetRoleCommand({ RoleName: id }))),
};

export const rolePolicy: AwsPart = {
  type: "aws:iam/rolePolicy:RolePolicy",
  replace: ["name", "namePrefix", "role"],
  async create(api, { role: roleName, policy }) {
    const name = generated("policy");
    await api.iam.send(new iam.PutRolePolicyCommand({ RoleName: roleName, PolicyName: name, PolicyDocument: policy }));
    return { id: `${roleName}:${name}`, outputs: { name } };
  },
  remove: (api, _id, { role: roleName, name }) => unlessGone(api.iam.send(new iam.DeleteRolePolicyCommand({ RoleName: roleName, PolicyName: name }))),
  isThere: async () => true,
};

export const instanceProfile: AwsPart = {
  type: "aws:iam/instanceProfile:InstanceProfile",
  replace: ["name", "namePrefix", "path"],
  async create(api, { tags }) {
    const { InstanceProfile } = await api.iam.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: generated("profile"), Tags: tagList(tags) as iam.Tag[] }));
    return { id: InstanceProfile!.InstanceProfileName!, outputs: { name: InstanceProfile!.InstanceProfileName, arn: InstanceProfile!.Arn } };
  },
  async ready(api, id, { role: roleName }) {
    const { InstanceProfile } = await api.iam.send(new iam.GetInstanceProfileCommand({ InstanceProfileName: id }));
    if (!InstanceProfile!.Roles?.some((r) => r.RoleName === roleName)) await api.iam.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: id, RoleName: roleName }));
  },
  async remove(api, id, { role: roleName }) {
    await unlessGone(api.iam.send(new iam.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: id, RoleName: roleName })));
    await unlessGone(api.iam.send(new iam.DeleteInstanceProfileCommand({ InstanceProfileName: id })));
  },
  isThere: (api, id) => whether(api.iam.send(new iam.GetInstanceProfileCommand({ InstanceProfileName: id }))),
};
