import ComponentModel

/// The host's object of an instance whose tasks are under test.
final class TaskHost {
    /// Answers that guests wait for, in the order of their calls.
    var answers: [Pending<UInt32>] = []
    var texts: [Pending<String>] = []
    var cancelled = 0
    let things = LiveCount()
}

/// `test:tasks/api`, written by hand as the generated glue is.
enum TaskAPI {
    static let thing = HostResourceType(interface: "test:tasks/api", name: "thing")

    static let registry = HostRegistry([
        HostInterface(
            name: "test:tasks/api", versions: [], resources: ["thing": Self.thing], functions: Self.functions)
    ])

    private static let functions = [
        HostFunction(name: "now", signature: "async (u32) -> u32") { call in
            try Self.complete(call, .ready(call.i32(0) &+ 1), pointer: 1)
        },
        HostFunction(name: "later", signature: "async (u32) -> u32") { call in
            try Self.complete(call, Self.answer(call.host(TaskHost.self)), pointer: 1)
        },
        HostFunction(name: "greet-later", signature: "async () -> string") { call in
            let host = call.host(TaskHost.self)
            let area = call.i32(0)
            let answer = HostAnswer<String>.later { host.texts.append($0) }
            try call.complete(answer) { text, call in
                let (pointer, length) = try call.lower(text)
                let view = try call.view(area, size: 8, alignment: 4)
                view.set(u32: pointer, at: 0)
                view.set(u32: length, at: 4)
            }
        },
        HostFunction(name: "make", signature: "() -> own<test:tasks/api.thing>") { call in
            let thing = Thing(value: 7, count: call.host(TaskHost.self).things)
            call.returnI32(try call.insert(thing, Self.thing))
        },
        HostFunction(name: "use-later", signature: "async (borrow<test:tasks/api.thing>) -> u32") { call in
            _ = try call.resource(borrowed: call.i32(0), Self.thing, as: Thing.self)
            try Self.complete(call, Self.answer(call.host(TaskHost.self)), pointer: 1)
        },
    ]

    private static func answer(_ host: TaskHost) -> HostAnswer<UInt32> {
        .later(onCancel: { host.cancelled += 1 }) { host.answers.append($0) }
    }

    private static func complete(_ call: borrowing HostCall, _ answer: HostAnswer<UInt32>, pointer: Int) throws {
        let area = call.isAsync ? call.i32(pointer) : nil
        try call.complete(answer) { value, call in
            guard let area else { return call.returnI32(value) }
            try call.view(area, size: 4, alignment: 4).set(u32: value, at: 0)
        }
    }

    /// A component with the built-ins and the host's functions as imports of a core module.
    ///
    /// - Parameters:
    ///   - core: functions of the core module.
    ///   - exports: definitions that lift functions of `$m`.
    static func guest(_ core: String, _ exports: String) -> String {
        """
        (component
          (import "test:tasks/api" (instance $api
            (export "thing" (type $t (sub resource)))
            (export "now" (func async (param "v" u32) (result u32)))
            (export "later" (func async (param "v" u32) (result u32)))
            (export "greet-later" (func async (result string)))
            (export "make" (func (result (own $t))))
            (export "use-later" (func async (param "t" (borrow $t)) (result u32)))))
          (alias export $api "thing" (type $thing))
          (core module $Libc
            (memory (export "memory") 1)
            (global $end (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
              (global.get $end)
              (global.set $end (i32.add (global.get $end) (local.get 3)))))
          (core instance $libc (instantiate $Libc))
          (alias core export $libc "memory" (core memory $memory))
          (alias core export $libc "realloc" (core func $realloc))
          (core func $now (canon lower (func $api "now") async (memory $memory)))
          (core func $later (canon lower (func $api "later") async (memory $memory)))
          (core func $later-sync (canon lower (func $api "later")))
          (core func $greet (canon lower (func $api "greet-later") async (memory $memory) (realloc $realloc)))
          (core func $make (canon lower (func $api "make")))
          (core func $use (canon lower (func $api "use-later") async (memory $memory)))
          (core func $drop-thing (canon resource.drop $thing))
          (core func $return (canon task.return (result u32)))
          (core func $cancel (canon task.cancel))
          (core func $set-new (canon waitable-set.new))
          (core func $set-wait (canon waitable-set.wait (memory $memory)))
          (core func $set-drop (canon waitable-set.drop))
          (core func $join (canon waitable.join))
          (core func $subtask-drop (canon subtask.drop))
          (core func $subtask-cancel (canon subtask.cancel))
          (core func $yield (canon thread.yield))
          (core func $get (canon context.get i32 0))
          (core func $set (canon context.set i32 0))
          (core module $M
            (import "" "memory" (memory 1))
            (import "" "now" (func $now (param i32 i32) (result i32)))
            (import "" "later" (func $later (param i32 i32) (result i32)))
            (import "" "later-sync" (func $later-sync (param i32) (result i32)))
            (import "" "greet" (func $greet (param i32) (result i32)))
            (import "" "make" (func $make (result i32)))
            (import "" "use" (func $use (param i32 i32) (result i32)))
            (import "" "drop-thing" (func $drop-thing (param i32)))
            (import "" "return" (func $return (param i32)))
            (import "" "cancel" (func $cancel))
            (import "" "set-new" (func $set-new (result i32)))
            (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
            (import "" "set-drop" (func $set-drop (param i32)))
            (import "" "join" (func $join (param i32 i32)))
            (import "" "subtask-drop" (func $subtask-drop (param i32)))
            (import "" "subtask-cancel" (func $subtask-cancel (param i32) (result i32)))
            (import "" "yield" (func $yield (result i32)))
            (import "" "get" (func $get (result i32)))
            (import "" "set" (func $set (param i32)))
            (func $require (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))
            (func (export "no-callback") (param i32 i32 i32) (result i32) unreachable)
            \(core))
          (core instance $m (instantiate $M (with "" (instance
            (export "memory" (memory $memory)) (export "now" (func $now)) (export "later" (func $later))
            (export "later-sync" (func $later-sync)) (export "greet" (func $greet)) (export "make" (func $make))
            (export "use" (func $use)) (export "drop-thing" (func $drop-thing)) (export "return" (func $return))
            (export "cancel" (func $cancel)) (export "set-new" (func $set-new)) (export "set-wait" (func $set-wait))
            (export "set-drop" (func $set-drop)) (export "join" (func $join))
            (export "subtask-drop" (func $subtask-drop)) (export "subtask-cancel" (func $subtask-cancel))
            (export "yield" (func $yield)) (export "get" (func $get)) (export "set" (func $set))))))
          \(exports))
        """
    }

    /// Lifts `run` with `run-callback`, and gives it one number.
    static let callback = """
        (func (export "run") async (param "v" u32) (result u32)
          (canon lift (core func $m "run") async (callback (core func $m "run-callback"))))
        """

    /// A function that waits for `later` by its callback: each task has its own set and area in memory.
    static let waiting = guest(
        """
        (func (export "run") (param $v i32) (result i32)
          (local $set i32) (local $status i32)
          (local.set $set (call $set-new))
          (local.set $status
            (call $later (local.get $v) (i32.shl (local.get $v) (i32.const 2))))
          (call $require (i32.eq (i32.and (local.get $status) (i32.const 0xf)) (i32.const 1)))
          (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
          (call $set (i32.or (i32.shl (local.get $v) (i32.const 20)) (local.get $set)))
          (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
        (func (export "run-callback") (param $event i32) (param $handle i32) (param $state i32) (result i32)
          (if (i32.eq (local.get $event) (i32.const 6)) (then
            (call $cancel)
            (return (i32.const 0))))
          (call $require (i32.eq (local.get $event) (i32.const 1)))
          (call $require (i32.eq (local.get $state) (i32.const 2)))
          (call $subtask-drop (local.get $handle))
          (call $set-drop (i32.and (call $get) (i32.const 0xfffff)))
          (call $return (i32.load (i32.shl (i32.shr_u (call $get) (i32.const 20)) (i32.const 2))))
          (i32.const 0))
        """, callback)
}
