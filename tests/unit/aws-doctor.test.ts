import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { probeAws } from "../../provider/aws/probe.ts";

/** EC2 as far as doctor asks it: `refused` actions are not allowed. */
async function ec2(t: TestContext, options: { refused?: string; limit?: number; denied?: boolean }): Promise<void> {
  const listener = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = new URLSearchParams(Buffer.concat(chunks).toString()).get("Action") ?? "";
    const fail = (code: string) => response.writeHead(code === "AuthFailure" ? 401 : 412).end(`<Response><Errors><Error><Code>${code}</Code><Message>${code} of ${action}</Message></Error></Errors><RequestID>1</RequestID></Response>`);
    if (options.denied) return void fail("AuthFailure");
    const zone = (name: string) => `<item><zoneName>${name}</zoneName><zoneState>available</zoneState></item>`;
    if (action === "DescribeAvailabilityZones") return void response.end(`<DescribeAvailabilityZonesResponse><availabilityZoneInfo>${["eu-central-1a", "eu-central-1b", "eu-central-1c"].map(zone).join("")}</availabilityZoneInfo></DescribeAvailabilityZonesResponse>`);
    if (action === "DescribeAddresses") return void response.end("<DescribeAddressesResponse><addressesSet><item><publicIp>1.2.3.4</publicIp></item></addressesSet></DescribeAddressesResponse>");
    if (action === "DescribeAccountAttributes") {
      const value = `<attributeValueSet><item><attributeValue>${options.limit ?? 5}</attributeValue></item></attributeValueSet>`;
      return void response.end(`<DescribeAccountAttributesResponse><accountAttributeSet><item><attributeName>vpc-max-elastic-ips</attributeName>${value}</item></accountAttributeSet></DescribeAccountAttributesResponse>`);
    }
    fail(action === options.refused ? "UnauthorizedOperation" : "DryRunOperation");
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const mine = { AWS_ENDPOINT_URL: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const before = Object.fromEntries(Object.keys(mine).map((key) => [key, process.env[key]]));
  Object.assign(process.env, mine);
  t.after(() => {
    for (const [key, value] of Object.entries(before)) if (value === undefined) delete process.env[key];
    else process.env[key] = value;
    listener.closeAllConnections();
    listener.close();
  });
}

const env = { AWS_REGION: "eu-central-1" };
const failing = (checks: Awaited<ReturnType<typeof probeAws>>) => checks.filter((check) => !check.ok).map((check) => [check.name, check.found]);

test("doctor sees an account that can carry an environment", async (t) => {
  await ec2(t, {});
  const checks = await probeAws(env);
  assert.deepEqual(failing(checks), []);
  assert.deepEqual(checks.map((check) => check.name), ["AWS credentials", "AWS zones", "ec2:CreateVpc", "ec2:CreateVolume", "ec2:AllocateAddress", "ec2:CreateInternetGateway", "elastic IPs"]);
  assert.equal(checks.at(-1)!.found, "4 of 5 free");
});

test("doctor names the action that is not allowed, and addresses that run out", async (t) => {
  await ec2(t, { refused: "CreateVpc", limit: 3 });
  assert.deepEqual(failing(await probeAws(env)), [["ec2:CreateVpc", "UnauthorizedOperation"], ["elastic IPs", "2 of 3 free"]]);
});

test("doctor says what credentials or region lack", async (t) => {
  await ec2(t, { denied: true });
  assert.match(failing(await probeAws(env)).join(), /^AWS credentials,AuthFailure/);
  assert.deepEqual(failing(await probeAws({})), [["AWS region", "none"]]);
});
