import ComponentModel
import Testing

@Suite struct PlanTests {
    @Test func commandWithShimIsPlannedInOrder() throws {
        let plan = try ComponentText(Components.command()).plan(foldsShims: false)
        #expect(plan.componentInstances == 2)
        #expect(plan.steps.count == 3)
        #expect(plan.coreModules.count == 3)
        #expect(plan.imports.map(\.text) == ["wasi:io/error@0.2.0", "wasi:io/streams@0.2.0"])
        #expect(plan.resourceNames == ["wasi:io/error.error", "wasi:io/streams.output-stream"])
        #expect(plan.memories == [.export(instance: 1, name: "memory")])

        let write = try #require(plan.importedFunctions.first)
        #expect(plan.importedFunctions.count == 1)
        #expect(write.interface?.interface?.unversioned == "wasi:io/streams")
        #expect(write.interface?.interface?.version == "0.2.0")
        #expect(write.name == "[method]output-stream.write")
        #expect(
            write.signature == "(borrow<wasi:io/streams.output-stream>, list<u8>) -> "
                + "result<_, variant{last-operation-failed(own<wasi:io/error.error>), closed}>")

        #expect(
            plan.imports(ofStep: 1) == [
                "wasi:io/streams@0.2.0 [method]output-stream.write": .export(instance: 0, name: "0"),
                "wasi:io/streams@0.2.0 [resource-drop]output-stream": .export(instance: 0, name: "1"),
            ])
        let fixup = plan.imports(ofStep: 2)
        #expect(fixup[" $imports"] == .export(instance: 0, name: "$imports"))
        let lower = try #require(plan.trampoline(fixup[" 0"]))
        #expect(lower.type == CoreFunctionType([.i32, .i32, .i32, .i32]))
        guard case .lower(0, let options) = lower.kind else {
            Issue.record("write is not lowered")
            return
        }
        #expect(plan.options[options].memory == 0)
        #expect(plan.options[options].realloc.map { plan.functions[$0] } == .export(instance: 1, name: "cabi_realloc"))
        #expect(
            plan.trampoline(fixup[" 1"])?.kind == .resourceDrop(resource: ResourceID(1), componentInstance: 0))

        let run = try #require(plan.export(named: "wasi:cli/run@0.2.0")?.member("run")?.function)
        #expect(run.signature == "() -> result")
        #expect(run.coreType == CoreFunctionType([], [.i32]))
        #expect(plan.functions[run.callee] == .export(instance: 1, name: "wasi:cli/run@0.2.0#run"))
    }

    @Test func definedResourcesKeepTheirIdentityThroughTheExportedInterface() throws {
        let plan = try ComponentText(Components.counter).plan()
        #expect(plan.resources.count == 1)
        guard case .defined(0, let slot?) = plan.resources[0] else {
            Issue.record("resource is not defined by the root with a destructor")
            return
        }
        #expect(plan.functions[slot] == .export(instance: 0, name: "drop"))
        let counters = try #require(plan.export(named: "a:b/counters"))
        #expect(counters.member("counter")?.kind == .resource(ResourceID(0)))
        #expect(counters.member("[constructor]counter")?.function?.signature == "(u32) -> own<local.0>")
        #expect(counters.member("[method]counter.get")?.function?.signature == "(borrow<local.0>) -> u32")
        let intrinsics = plan.imports(ofStep: 1)
        #expect(
            plan.trampoline(intrinsics["[export]a:b/counters [resource-new]counter"])?.kind
                == .resourceNew(resource: ResourceID(0), componentInstance: 0))
        #expect(
            plan.trampoline(intrinsics["[export]a:b/counters [resource-rep]counter"])?.kind
                == .resourceRep(resource: ResourceID(0), componentInstance: 0))
    }

    /// Up to 0.2 a resource has no version; from then on it has its release line.
    @Test func resourcesOfReleaseLinesAreToldApart() throws {
        let versions = [
            "", "@0.1.0", "@0.2.0-rc-2023-11-10", "@0.2.9", "@0.3.0-rc-1", "@0.3.4", "@1.0.0", "@1.2.3", "@12.0.0",
        ]
        let imports = versions.map { "(import \"a:b/c\($0)\" (instance (export \"r\" (type (sub resource)))))" }
        let plan = try ComponentText("(component \(imports.joined(separator: " ")))").plan()
        #expect(
            plan.resourceNames == [
                "a:b/c.r", "a:b/c.r", "a:b/c.r", "a:b/c.r", "a:b/c@0.3.r", "a:b/c@0.3.r", "a:b/c@1.r", "a:b/c@1.r",
                "a:b/c@12.r",
            ])
    }

    @Test func eachInstanceOfAComponentHasItsOwnResources() throws {
        let plan = try ComponentText(
            """
            (component
              (component $c
                (type $r (resource (rep i32)))
                (export "r" (type $r)))
              (instance $one (instantiate $c))
              (instance $two (instantiate $c))
              (export "one" (instance $one))
              (export "two" (instance $two)))
            """
        ).plan()
        #expect(plan.componentInstances == 3)
        #expect(plan.export(named: "one")?.member("r")?.kind == .resource(ResourceID(0)))
        #expect(plan.export(named: "two")?.member("r")?.kind == .resource(ResourceID(1)))
        #expect(plan.resources[1] == .defined(componentInstance: 2, destructor: nil))
    }

    @Test func twoVersionsOfAnInterfaceAreTwoImports() throws {
        let plan = try ComponentText(
            """
            (component
              (import "wasi:clocks/monotonic-clock@0.2.0" (instance $old (export "now" (func (result u64)))))
              (import "wasi:clocks/monotonic-clock@0.2.3" (instance $new (export "now" (func (result u64)))))
              (core module $m
                (import "old" "now" (func (result i64))) (import "new" "now" (func (result i64))))
              (core func $old-now (canon lower (func $old "now")))
              (core func $new-now (canon lower (func $new "now")))
              (core func $new-again (canon lower (func $new "now")))
              (core instance (instantiate $m
                (with "old" (instance (export "now" (func $old-now))))
                (with "new" (instance (export "now" (func $new-again)))))))
            """
        ).plan()
        #expect(plan.importedFunctions.map { $0.interface?.interface?.version } == ["0.2.0", "0.2.3"])
        #expect(plan.trampolines.count == 2)
        #expect(plan.imports(ofStep: 0) == ["old now": .trampoline(0), "new now": .trampoline(1)])
    }

    @Test func outerAliasesReachTheEnclosingComponent() throws {
        let plan = try ComponentText(
            """
            (component
              (core module $m (func (export "f") (result i32) i32.const 1))
              (type $pair (tuple u8 string))
              (component $c
                (alias outer 1 $m (core module $mine))
                (alias outer 1 $pair (type $pair))
                (core instance $i (instantiate $mine))
                (type $t (option $pair))
                (export "t" (type $t))
                (func $f (result u32) (canon lift (core func $i "f")))
                (export "f" (func $f)))
              (instance $i (instantiate $c))
              (export "i" (instance $i)))
            """
        ).plan()
        #expect(plan.steps == [.instantiate(module: 0, imports: [])])
        let function = try #require(plan.export(named: "i")?.member("f")?.function)
        #expect(plan.options[function.options].componentInstance == 1)
    }

    @Test func importsAndTheirResourcesCanBeExportedAgain() throws {
        let plan = try ComponentText(
            """
            (component
              (import "a:b/origin" (instance $origin (export "r" (type (sub resource)))))
              (alias export $origin "r" (type $r))
              (import "a:b/other" (instance $other
                (alias outer 1 $r (type $outer))
                (export "r" (type $r (eq $outer)))
                (export "f" (func (param "x" (borrow $r))))))
              (alias export $other "r" (type $again))
              (export "other" (instance $other))
              (export "resource" (type $again)))
            """
        ).plan()
        #expect(plan.resourceNames == ["a:b/origin.r"])
        #expect(plan.export(named: "resource")?.kind == .resource(ResourceID(0)))
        #expect(plan.export(named: "other")?.member("f")?.kind == .importedFunction(0))
        #expect(plan.importedFunctions[0].signature == "(borrow<a:b/origin.r>)")
    }

    @Test func virtualisedImportsBecomeCallsBetweenComponents() throws {
        let plan = try ComponentText(
            """
            (component
              (import "wasi:random/random@0.2.0" (instance $random (export "get" (func (result u64)))))
              (component $virtual
                (import "real" (instance $real (export "get" (func (result u64)))))
                (core module $m
                  (import "" "get" (func $get (result i64)))
                  (func (export "get") (result i64) call $get))
                (core func $get (canon lower (func $real "get")))
                (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
                (func $virtual-get (result u64) (canon lift (core func $i "get")))
                (export "get" (func $virtual-get)))
              (component $app
                (import "wasi:random/random@0.2.0" (instance $random (export "get" (func (result u64)))))
                (core module $m
                  (import "" "get" (func $get (result i64)))
                  (func (export "run") (result i64) call $get))
                (core func $get (canon lower (func $random "get")))
                (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
                (func $run (result u64) (canon lift (core func $i "run")))
                (export "run" (func $run)))
              (instance $v (instantiate $virtual (with "real" (instance $random))))
              (instance $a (instantiate $app (with "wasi:random/random@0.2.0" (instance $v))))
              (alias export $a "run" (func $run))
              (export "run" (func $run)))
            """
        ).plan()
        #expect(plan.importedFunctions.count == 1)
        #expect(plan.adaptedFunctions.count == 1)
        let inner = try #require(plan.trampoline(plan.imports(ofStep: 0)[" get"]))
        // An adapter stands between the two.
        #expect(plan.imports(ofStep: 1).values.contains(.export(instance: 0, name: "get")))
        guard case .lower(0, let innerOptions) = inner.kind,
            case .export(1, _) = plan.imports(ofStep: 2)[" get"],
            case .lowerLifted(0, let outerOptions) = plan.trampolines.map(\.kind).first(where: {
                guard case .lowerLifted = $0 else { return false }
                return true
            })
        else {
            Issue.record("calls are not connected as expected")
            return
        }
        #expect(plan.options[innerOptions].componentInstance == 1)
        #expect(plan.options[outerOptions].componentInstance == 2)
        #expect(plan.functions[plan.adaptedFunctions[0].callee] == .export(instance: 0, name: "get"))
        #expect(plan.export(named: "run")?.function?.signature == "() -> u64")
    }

    @Test func componentsCanBePassedToComponents() throws {
        let plan = try ComponentText(
            """
            (component
              (component $inner
                (core module $m (func (export "f")))
                (core instance $i (instantiate $m))
                (func $f (canon lift (core func $i "f")))
                (export "f" (func $f)))
              (component $outer
                (import "c" (component $c (export "f" (func))))
                (instance $i (instantiate $c))
                (export "i" (instance $i)))
              (instance $o (instantiate $outer (with "c" (component $inner))))
              (alias export $o "i" (instance $i))
              (export "i" (instance $i)))
            """
        ).plan()
        #expect(plan.export(named: "i")?.member("f")?.function != nil)
        #expect(plan.componentInstances == 3)
    }

    @Test func modulesOfSeveralInstancesAreCompiledOnce() throws {
        let plan = try ComponentText(
            """
            (component
              (core module $unused)
              (core module $libc (@name "libc") (memory (export "memory") 1) (global (export "g") i32 (i32.const 0)))
              (core module $m (import "libc" "memory" (memory 1)) (import "libc" "g" (global i32)))
              (core instance $one (instantiate $libc))
              (core instance $two (instantiate $libc))
              (core instance (instantiate $m (with "libc" (instance $two)))))
            """
        ).plan()
        #expect(plan.coreModules.map(\.name) == ["libc", "m"])
        #expect((0..<3).map { plan.module(ofStep: $0) } == [0, 0, 1])
        #expect(
            plan.imports(ofStep: 2) == [
                "libc memory": .export(instance: 1, name: "memory"), "libc g": .export(instance: 1, name: "g"),
            ])
    }

    @Test func theComponentNamesItsModulesWhenTheyDoNot() throws {
        let plan = try ComponentText(
            """
            (component
              (core module $main (@name ""))
              (core instance (instantiate $main)))
            """
        ).plan()
        #expect(plan.coreModules.map(\.name) == [""])

        // A module without a name section, in a component that names it.
        let module: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
        let label = Array("component-name".utf8)
        let names: [UInt8] = [0x0e] + label + [0x01, 0x07, 0x00, 0x11, 0x01, 0x00, 0x02, 0x6d, 0x61]
        let bytes: [UInt8] =
            [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, 0x01, 0x08] + module
            + [0x02, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, UInt8(names.count)] + names
        #expect(try planned(bytes).coreModules.map(\.name) == ["ma"])
    }

    @Test func rootImportsMayStandOutsideInterfaces() throws {
        let plan = try ComponentText(
            """
            (component
              (import "r" (type $r (sub resource)))
              (import "log" (func $log (param "x" (borrow $r))))
              (core func $f (canon lower (func $log)))
              (core func $d (canon resource.drop $r)))
            """
        ).plan()
        #expect(plan.importedFunctions.first?.interface == nil)
        #expect(plan.importedFunctions.first?.signature == "(borrow<r>)")
        #expect(plan.trampolines.count == 2)
    }
}
