import { IaasError } from "../../../director/core/errors.ts";

/**
 * What of `@pulumi/aws` the adapter uses, loaded when the first environment on AWS opens: the whole package takes seconds and hundreds of
 * MiB, and who deploys elsewhere has not even installed it.
 *
 * @throws IaasError `iaas.missing-sdk`
 */
export function loadSdk() {
  try {
    return {
      Provider: (require("@pulumi/aws/provider") as typeof import("@pulumi/aws/provider")).Provider,
      Vpc: (require("@pulumi/aws/ec2/vpc") as typeof import("@pulumi/aws/ec2/vpc")).Vpc,
      Subnet: (require("@pulumi/aws/ec2/subnet") as typeof import("@pulumi/aws/ec2/subnet")).Subnet,
      InternetGateway: (require("@pulumi/aws/ec2/internetGateway") as typeof import("@pulumi/aws/ec2/internetGateway")).InternetGateway,
      Eip: (require("@pulumi/aws/ec2/eip") as typeof import("@pulumi/aws/ec2/eip")).Eip,
      NatGateway: (require("@pulumi/aws/ec2/natGateway") as typeof import("@pulumi/aws/ec2/natGateway")).NatGateway,
      RouteTable: (require("@pulumi/aws/ec2/routeTable") as typeof import("@pulumi/aws/ec2/routeTable")).RouteTable,
      Route: (require("@pulumi/aws/ec2/route") as typeof import("@pulumi/aws/ec2/route")).Route,
      RouteTableAssociation: (require("@pulumi/aws/ec2/routeTableAssociation") as typeof import("@pulumi/aws/ec2/routeTableAssociation")).RouteTableAssociation,
      VpcEndpoint: (require("@pulumi/aws/ec2/vpcEndpoint") as typeof import("@pulumi/aws/ec2/vpcEndpoint")).VpcEndpoint,
      SecurityGroup: (require("@pulumi/aws/ec2/securityGroup") as typeof import("@pulumi/aws/ec2/securityGroup")).SecurityGroup,
      SecurityGroupIngressRule: (require("@pulumi/aws/vpc/securityGroupIngressRule") as typeof import("@pulumi/aws/vpc/securityGroupIngressRule")).SecurityGroupIngressRule,
      SecurityGroupEgressRule: (require("@pulumi/aws/vpc/securityGroupEgressRule") as typeof import("@pulumi/aws/vpc/securityGroupEgressRule")).SecurityGroupEgressRule,
      AmiCopy: (require("@pulumi/aws/ec2/amiCopy") as typeof import("@pulumi/aws/ec2/amiCopy")).AmiCopy,
      NetworkInterface: (require("@pulumi/aws/ec2/networkInterface") as typeof import("@pulumi/aws/ec2/networkInterface")).NetworkInterface,
      NetworkInterfaceAttachment: (require("@pulumi/aws/ec2/networkInterfaceAttachment") as typeof import("@pulumi/aws/ec2/networkInterfaceAttachment")).NetworkInterfaceAttachment,
      Instance: (require("@pulumi/aws/ec2/instance") as typeof import("@pulumi/aws/ec2/instance")).Instance,
      PlacementGroup: (require("@pulumi/aws/ec2/placementGroup") as typeof import("@pulumi/aws/ec2/placementGroup")).PlacementGroup,
      Volume: (require("@pulumi/aws/ebs/volume") as typeof import("@pulumi/aws/ebs/volume")).Volume,
      VolumeAttachment: (require("@pulumi/aws/ec2/volumeAttachment") as typeof import("@pulumi/aws/ec2/volumeAttachment")).VolumeAttachment,
      LoadBalancer: (require("@pulumi/aws/lb/loadBalancer") as typeof import("@pulumi/aws/lb/loadBalancer")).LoadBalancer,
      TargetGroup: (require("@pulumi/aws/lb/targetGroup") as typeof import("@pulumi/aws/lb/targetGroup")).TargetGroup,
      Listener: (require("@pulumi/aws/lb/listener") as typeof import("@pulumi/aws/lb/listener")).Listener,
      TargetGroupAttachment: (require("@pulumi/aws/lb/targetGroupAttachment") as typeof import("@pulumi/aws/lb/targetGroupAttachment")).TargetGroupAttachment,
      getTargetGroupOutput: (require("@pulumi/aws/lb/getTargetGroup") as typeof import("@pulumi/aws/lb/getTargetGroup")).getTargetGroupOutput,
      ElbAttachment: (require("@pulumi/aws/elb/attachment") as typeof import("@pulumi/aws/elb/attachment")).Attachment,
      Record: (require("@pulumi/aws/route53/record") as typeof import("@pulumi/aws/route53/record")).Record,
      Role: (require("@pulumi/aws/iam/role") as typeof import("@pulumi/aws/iam/role")).Role,
      RolePolicy: (require("@pulumi/aws/iam/rolePolicy") as typeof import("@pulumi/aws/iam/rolePolicy")).RolePolicy,
      InstanceProfile: (require("@pulumi/aws/iam/instanceProfile") as typeof import("@pulumi/aws/iam/instanceProfile")).InstanceProfile,
      Bucket: (require("@pulumi/aws/s3/bucket") as typeof import("@pulumi/aws/s3/bucket")).Bucket,
      BucketPublicAccessBlock: (require("@pulumi/aws/s3/bucketPublicAccessBlock") as typeof import("@pulumi/aws/s3/bucketPublicAccessBlock")).BucketPublicAccessBlock,
      BucketServerSideEncryptionConfiguration: (
        require("@pulumi/aws/s3/bucketServerSideEncryptionConfiguration") as typeof import("@pulumi/aws/s3/bucketServerSideEncryptionConfiguration")
      ).BucketServerSideEncryptionConfiguration,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new IaasError("iaas.missing-sdk", "An environment on AWS needs the package @pulumi/aws, which is not installed", { method: "open", hint: "npm install --save-exact @pulumi/aws@7", cause: error });
  }
}

export type AwsSdk = ReturnType<typeof loadSdk>;
