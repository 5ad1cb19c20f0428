package import ComponentModel

/// What `0.2.0-rc-2023-10-18` has otherwise than 0.2: the resource `error` lies in `wasi:io/streams`, `splice` takes the
/// stream for good, polling and timers have other names, files have modes, locks and permissions, HTTP messages are made
/// in one go and have errors of their own, and datagrams go through the socket itself.
///
/// Source: the WIT of WASI at that date, as Spin keeps it.
enum Snapshot20231018 {
    static let interfaces: [HostInterface] = [
        Self.interface("wasi:io/poll", Self.poll, resources: WasiIoPoll.interface.resources),
        Self.interface("wasi:io/streams", Self.streams, resources: Self.streamResources),
        Self.interface("wasi:clocks/monotonic-clock", Self.monotonicClock),
        HostInterface(
            name: "wasi:clocks/timezone",
            // Unstable in all of 0.2, and the same.
            versions: [Snapshots.october, VersionRange(from: "0.2.0", below: "0.3.0")], resources: [:],
            functions: Self.timezone),
        Self.interface("wasi:filesystem/types", Self.filesystem, resources: WasiFilesystemTypes.interface.resources),
        WasiHttpTypes.interface.serving(
            Snapshots.october, functions: Self.httpTypes, without: ["request-options"]),
        WasiHttpOutgoingHandler.interface.serving(Snapshots.october, functions: Self.outgoingHandler),
        WasiSocketsTcp.interface.serving(Snapshots.october, functions: Self.tcp),
        WasiSocketsUdp.interface.serving(
            Snapshots.october, functions: Self.udp,
            without: ["incoming-datagram-stream", "outgoing-datagram-stream"]),
        WasiSocketsIpNameLookup.interface.serving(Snapshots.october, functions: Self.nameLookup),
    ]

    private static func interface(
        _ name: String, _ functions: [HostFunction], resources: [String: HostResourceType] = [:]
    ) -> HostInterface {
        HostInterface(name: name, versions: [Snapshots.october], resources: resources, functions: functions)
    }

    /// A signature of 0.2 with the resource where it was then.
    static func movingError(_ signature: String) -> String {
        signature.split(separator: "wasi:io/error.error", omittingEmptySubsequences: false)
            .joined(separator: "wasi:io/streams.error")
    }

    // MARK: Polling and time

    private static let poll: [HostFunction] =
        WasiIoPoll.interface.function("poll", as: "poll-list")
        + WasiIoPoll.interface.function("[method]pollable.block", as: "poll-one")

    private static let monotonicClock: [HostFunction] =
        WasiClocksMonotonicClock.interface.function("now") + WasiClocksMonotonicClock.interface.function("resolution")
        + [
            HostFunction(name: "subscribe", signature: "(u64, bool) -> own<wasi:io/poll.pollable>") { call in
                let pollable =
                    call.i32(1) != 0
                    ? try ClocksMonotonicClockFunctions.subscribeInstant(when: call.i64(0), in: call)
                    : try ClocksMonotonicClockFunctions.subscribeDuration(when: call.i64(0), in: call)
                call.returnI32(try call.insert(pollable, WasiIoPoll.pollableType))
            }
        ]

    /// The host's zone is none of the guest's business: it is UTC, all year.
    private static let timezone: [HostFunction] = [
        HostFunction(
            name: "display",
            signature: "(record{seconds: u64, nanoseconds: u32}) "
                + "-> record{utc-offset: s32, name: string, in-daylight-saving-time: bool}"
        ) { call in
            let name = try call.lower("UTC")
            let view = try call.view(call.i32(2), size: 16, alignment: 4)
            view.set(u32: 0, at: 0)
            view.set(u32: name.pointer, at: 4)
            view.set(u32: name.length, at: 8)
            view.set(u8: 0, at: 12)
        },
        HostFunction(name: "utc-offset", signature: "(record{seconds: u64, nanoseconds: u32}) -> s32") { call in
            call.returnI32(0)
        },
    ]

    // MARK: Streams

    private static let streamResources = WasiIoStreams.interface.resources
        .merging(["error": WasiIoError.errorType]) { first, _ in first }

    private static let streams: [HostFunction] =
        WasiIoStreams.interface.functions.filter { !$0.name.hasSuffix("splice") }.flatMap {
            WasiIoStreams.interface.function($0.name, signature: Self.movingError)
        }
        + WasiIoError.interface.functions.flatMap {
            WasiIoError.interface.function($0.name, signature: Self.movingError)
        }
        + [
            Self.splicing("splice", ", u64") { out, source, call in
                try out.splice(src: source, len: call.i64(2), in: call)
            },
            Self.splicing("blocking-splice", ", u64") { out, source, call in
                try out.blockingSplice(src: source, len: call.i64(2), in: call)
            },
            Self.splicing("forward", "") { out, source, call in try out.forward(source, in: call) },
        ]

    /// A function that takes an input stream for good and moves its bytes.
    private static func splicing(
        _ name: String, _ parameters: String,
        _ body:
            @escaping @Sendable (OutputStreamResource, InputStreamResource, borrowing HostCall) throws -> WITResult<
                UInt64, WasiIoStreams.StreamError
            >
    ) -> HostFunction {
        HostFunction(
            name: "[method]output-stream.\(name)",
            signature: "(borrow<wasi:io/streams.output-stream>, own<wasi:io/streams.input-stream>\(parameters)) "
                + "-> result<u64, variant{last-operation-failed(own<wasi:io/streams.error>), closed}>"
        ) { call in
            let out = try call.resource(
                borrowed: call.i32(0), WasiIoStreams.outputStreamType, as: OutputStreamResource.self)
            let source = try call.resource(
                owned: call.i32(1), WasiIoStreams.inputStreamType, as: InputStreamResource.self)
            let result = try body(out, source, call)
            let view = try call.view(call.i32(parameters.isEmpty ? 2 : 3), size: 16, alignment: 8)
            switch result {
            case .ok(let count):
                view.set(u8: 0, at: 0)
                view.set(u64: count, at: 8)
            case .error(let error):
                view.set(u8: 1, at: 0)
                try error.store(to: view, at: 8, in: call)
            }
        }
    }
}

extension OutputStreamResource {
    /// Moves everything up to the end of `source`: how many bytes.
    package func forward(
        _ source: InputStreamResource, in call: borrowing HostCall
    ) throws -> WITResult<UInt64, WasiIoStreams.StreamError> {
        var total: UInt64 = 0
        while true {
            switch try self.blockingSplice(src: source, len: .max, in: call) {
            case .ok(let count): total += count
            case .error(.closed) where source.source.isClosed: return .ok(total)
            case .error(let error): return .error(error)
            }
        }
    }
}
