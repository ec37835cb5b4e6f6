package main

var operations = map[string]operation{
	"lookUp":       on(lookUp),
	"createFolder": on(createFolder),
	"deleteFolder": on(deleteFolder),
	"createField":  on(createField),
	"deleteField":  on(deleteField),
	"createPool":   on(createPool),
	"deletePool":   on(deletePool),
	"createVM":     on(createVM),
	"powerOn":      on(powerOn),
	"updateVM":     on(updateVM),
	"deleteVM":     on(deleteVM),
	"hasVM":        on(hasVM),
	"createDisk":   on(createDisk),
	"extendDisk":   on(extendDisk),
	"deleteDisk":   on(deleteDisk),
	"hasDisk":      on(hasDisk),
	"setRule":      on(setRule),
	"deleteRule":   on(deleteRule),
	"hasRule":      on(hasRule),
}
