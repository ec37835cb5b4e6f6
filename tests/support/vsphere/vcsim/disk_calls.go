package main

import (
	"context"
	"strings"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

type diskArgs struct {
	GiB        int64  `json:"size"`
	Path       string `json:"vmdkPath"`
	Datastore  string `json:"datastore"`
	Datacenter string `json:"datacenter"`
	Type       string `json:"type"`
}

func (args diskArgs) file() string { return "[" + args.Datastore + "] " + args.Path }

func diskPlace(ctx context.Context, client *govmomi.Client, args diskArgs) (*object.Datacenter, *object.VirtualDiskManager, error) {
	datacenter, err := find.NewFinder(client.Client).Datacenter(ctx, args.Datacenter)
	return datacenter, object.NewVirtualDiskManager(client.Client), err
}

func createDisk(ctx context.Context, client *govmomi.Client, args diskArgs) (any, error) {
	datacenter, disks, err := diskPlace(ctx, client, args)
	if err != nil {
		return nil, err
	}
	folder := args.file()[:strings.LastIndex(args.file(), "/")]
	err = object.NewFileManager(client.Client).MakeDirectory(ctx, folder, datacenter, true)
	if err != nil && !strings.Contains(err.Error(), "already exists") {
		return nil, err
	}
	spec := types.FileBackedVirtualDiskSpec{VirtualDiskSpec: types.VirtualDiskSpec{AdapterType: "lsiLogic", DiskType: map[string]string{"lazy": "preallocated"}[args.Type]}, CapacityKb: args.GiB << 20}
	if spec.DiskType == "" {
		spec.DiskType = args.Type
	}
	return finish(ctx)(disks.CreateVirtualDisk(ctx, args.file(), datacenter, &spec))
}

func extendDisk(ctx context.Context, client *govmomi.Client, args diskArgs) (any, error) {
	datacenter, disks, err := diskPlace(ctx, client, args)
	if err != nil {
		return nil, err
	}
	return finish(ctx)(disks.ExtendVirtualDisk(ctx, args.file(), datacenter, args.GiB<<20, types.NewBool(false)))
}

func deleteDisk(ctx context.Context, client *govmomi.Client, args diskArgs) (any, error) {
	datacenter, disks, err := diskPlace(ctx, client, args)
	if err != nil {
		return nil, err
	}
	return finish(ctx)(disks.DeleteVirtualDisk(ctx, args.file(), datacenter))
}

func hasDisk(ctx context.Context, client *govmomi.Client, args diskArgs) (any, error) {
	datacenter, disks, err := diskPlace(ctx, client, args)
	if err != nil {
		return nil, err
	}
	_, err = disks.QueryVirtualDiskUuid(ctx, args.file(), datacenter)
	return map[string]bool{"there": err == nil}, nil
}
