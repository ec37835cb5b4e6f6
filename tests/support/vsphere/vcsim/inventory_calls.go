package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

type named struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Datacenter string `json:"datacenter"`
}

type identified struct {
	ID string `json:"id"`
}

func datacenterOf(client *govmomi.Client, id string) *object.Datacenter {
	return object.NewDatacenter(client.Client, types.ManagedObjectReference{Type: "Datacenter", Value: id})
}

// What is there, by name; ids are those of the provider: managed object ids, UUIDs of VMs.
func lookUp(ctx context.Context, client *govmomi.Client, wanted named) (any, error) {
	finder := find.NewFinder(client.Client)
	if wanted.Kind == "Datacenter" {
		found, err := finder.Datacenter(ctx, wanted.Name)
		if err != nil {
			return nil, err
		}
		return nothing{"id": found.Reference().Value}, nil
	}
	if _, err := setDatacenter(ctx, client, finder, wanted.Datacenter); err != nil {
		return nil, err
	}
	switch wanted.Kind {
	case "ComputeCluster":
		found, err := finder.ClusterComputeResource(ctx, wanted.Name)
		if err != nil {
			return nil, err
		}
		pool, err := found.ResourcePool(ctx)
		if err != nil {
			return nil, err
		}
		return nothing{"id": found.Reference().Value, "resourcePoolId": pool.Reference().Value}, nil
	case "ResourcePool":
		return idOf(finder.ResourcePool(ctx, wanted.Name))
	case "Datastore":
		return idOf(finder.Datastore(ctx, wanted.Name))
	case "Network":
		return idOf(finder.Network(ctx, wanted.Name))
	case "VirtualMachine":
		found, err := finder.VirtualMachine(ctx, wanted.Name)
		if err != nil {
			return nil, err
		}
		var properties mo.VirtualMachine
		if err := found.Properties(ctx, found.Reference(), []string{"summary.config"}, &properties); err != nil {
			return nil, err
		}
		return nothing{"id": properties.Summary.Config.Uuid, "guestId": properties.Summary.Config.GuestId}, nil
	}
	return nil, fmt.Errorf("no lookup of a %s", wanted.Kind)
}

func setDatacenter(ctx context.Context, client *govmomi.Client, finder *find.Finder, id string) (*object.Datacenter, error) {
	datacenter := datacenterOf(client, id)
	// A finder goes by paths.
	element, err := finder.Element(ctx, datacenter.Reference())
	if err != nil {
		return nil, err
	}
	datacenter.InventoryPath = element.Path
	finder.SetDatacenter(datacenter)
	return datacenter, nil
}

func idOf(found object.Reference, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return nothing{"id": found.Reference().Value}, nil
}

type folderArgs struct {
	Path       string `json:"path"`
	Datacenter string `json:"datacenterId"`
}

func createFolder(ctx context.Context, client *govmomi.Client, args folderArgs) (any, error) {
	folders, err := datacenterOf(client, args.Datacenter).Folders(ctx)
	if err != nil {
		return nil, err
	}
	return idOf(folders.VmFolder.CreateFolder(ctx, args.Path))
}

// As the provider does: only an empty one.
func deleteFolder(ctx context.Context, client *govmomi.Client, args identified) (any, error) {
	folder := object.NewFolder(client.Client, types.ManagedObjectReference{Type: "Folder", Value: args.ID})
	children, err := folder.Children(ctx)
	if err != nil {
		return nil, err
	}
	if len(children) > 0 {
		return nil, fmt.Errorf("folder is not empty, please remove all items before deleting")
	}
	return finish(ctx)(folder.Destroy(ctx))
}

func finish(ctx context.Context) func(task *object.Task, err error) (any, error) {
	return func(task *object.Task, err error) (any, error) {
		if err == nil {
			err = task.Wait(ctx)
		}
		return nil, err
	}
}

type fieldArgs struct {
	Name string `json:"name"`
}

func createField(ctx context.Context, client *govmomi.Client, args fieldArgs) (any, error) {
	fields, err := object.GetCustomFieldsManager(client.Client)
	if err != nil {
		return nil, err
	}
	made, err := fields.Add(ctx, args.Name, "VirtualMachine", nil, nil)
	if err != nil {
		return nil, err
	}
	return nothing{"id": strconv.Itoa(int(made.Key))}, nil
}

func deleteField(ctx context.Context, client *govmomi.Client, args identified) (any, error) {
	fields, err := object.GetCustomFieldsManager(client.Client)
	if err != nil {
		return nil, err
	}
	key, err := strconv.Atoi(args.ID)
	if err != nil {
		return nil, err
	}
	return nil, fields.Remove(ctx, int32(key))
}

type poolArgs struct {
	Name   string `json:"name"`
	Parent string `json:"parentResourcePoolId"`
}

func createPool(ctx context.Context, client *govmomi.Client, args poolArgs) (any, error) {
	parent := object.NewResourcePool(client.Client, types.ManagedObjectReference{Type: "ResourcePool", Value: args.Parent})
	return idOf(parent.Create(ctx, args.Name, types.DefaultResourceConfigSpec()))
}

func deletePool(ctx context.Context, client *govmomi.Client, args identified) (any, error) {
	pool := object.NewResourcePool(client.Client, types.ManagedObjectReference{Type: "ResourcePool", Value: args.ID})
	return finish(ctx)(pool.Destroy(ctx))
}
