package main

import (
	"context"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

type ruleArgs struct {
	Name    string   `json:"name"`
	Cluster string   `json:"computeClusterId"`
	VMs     []string `json:"virtualMachineIds"`
	Hard    bool     `json:"mandatory"`
}

func clusterOf(client *govmomi.Client, id string) *object.ClusterComputeResource {
	return object.NewClusterComputeResource(client.Client, reference("ClusterComputeResource", id))
}

func ruleKey(ctx context.Context, client *govmomi.Client, args ruleArgs) (int32, error) {
	config, err := clusterOf(client, args.Cluster).Configuration(ctx)
	if err != nil {
		return 0, err
	}
	for _, info := range config.Rule {
		if info.GetClusterRuleInfo().Name == args.Name {
			return info.GetClusterRuleInfo().Key, nil
		}
	}
	return 0, nil
}

func setRule(ctx context.Context, client *govmomi.Client, args ruleArgs) (any, error) {
	key, err := ruleKey(ctx, client, args)
	if err != nil {
		return nil, err
	}
	operation := types.ArrayUpdateOperationAdd
	if key != 0 {
		operation = types.ArrayUpdateOperationEdit
	}
	info := types.ClusterAntiAffinityRuleSpec{ClusterRuleInfo: types.ClusterRuleInfo{Key: key, Name: args.Name, Enabled: types.NewBool(true), Mandatory: types.NewBool(args.Hard)}}
	for _, uuid := range args.VMs {
		vm, err := vmByUUID(ctx, client, uuid)
		if err != nil {
			return nil, err
		}
		info.Vm = append(info.Vm, vm.Reference())
	}
	spec := types.ClusterConfigSpecEx{RulesSpec: []types.ClusterRuleSpec{{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: operation}, Info: &info}}}
	return finish(ctx)(clusterOf(client, args.Cluster).Reconfigure(ctx, &spec, true))
}

func deleteRule(ctx context.Context, client *govmomi.Client, args ruleArgs) (any, error) {
	key, err := ruleKey(ctx, client, args)
	if err != nil || key == 0 {
		return nil, err
	}
	spec := types.ClusterConfigSpecEx{RulesSpec: []types.ClusterRuleSpec{{ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationRemove, RemoveKey: key}, Info: &types.ClusterAntiAffinityRuleSpec{}}}}
	return finish(ctx)(clusterOf(client, args.Cluster).Reconfigure(ctx, &spec, true))
}

func hasRule(ctx context.Context, client *govmomi.Client, args ruleArgs) (any, error) {
	key, err := ruleKey(ctx, client, args)
	return map[string]bool{"there": key != 0}, err
}
