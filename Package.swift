// swift-tools-version:6.2
import PackageDescription

/// Flags that every Swift target of the package is built with.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")

let package = Package(
    name: "swirl",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "swirl", targets: ["swirl"]),
        .executable(name: "swirl-bindgen", targets: ["swirl-bindgen"]),
        .executable(name: "swirl-bench", targets: ["swirl-bench"]),
        .executable(name: "swirl-wast", targets: ["swirl-wast"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // What tests of several targets use.
        .target(name: "TestSupport", path: "Tests/TestSupport"),

        // The engine: core WebAssembly, nothing of components.
        .target(name: "CWasmtime"),
        .target(name: "WasmEngine", dependencies: ["CWasmtime", crypto]),
        .testTarget(name: "WasmEngineTests", dependencies: ["TestSupport", "WasmEngine", "CWasmtime"]),

        // Components: decoder, plan, canonical ABI.
        .target(name: "ComponentModel", dependencies: ["WasmEngine", "CWasmtime"]),
        .testTarget(name: "ComponentModelTests", dependencies: ["TestSupport", "ComponentModel", "WasmEngine"]),

        // Scripts of the Component Model's and the engine's test suites.
        .target(name: "Wast", dependencies: ["ComponentModel", "WasmEngine", "CWasmtime"]),
        .executableTarget(name: "swirl-wast", dependencies: ["Wast", argumentParser]),
        .testTarget(name: "WastTests", dependencies: ["Wast", "ComponentModel", "WasmEngine"], exclude: ["Scripts"]),

        // Interfaces: parser, resolver, generator of host bindings.
        .target(name: "WIT"),
        .executableTarget(name: "swirl-bindgen", dependencies: ["WIT", argumentParser]),
        .testTarget(name: "WITTests", dependencies: ["WIT", "ComponentModel"], exclude: ["Fixtures"]),

        // HTTP/1.1 and HTTP/2 on NIO's sockets: the server, and the client of guests.
        .target(name: "HTTP", dependencies: [nioCore, nioPosix, nioHTTP2, nioHPACK, nioSSL, logging]),
        .testTarget(
            name: "HTTPTests",
            dependencies: ["TestSupport", "HTTP", nioCore, nioPosix, nioEmbedded, nioHTTP2, nioHPACK, nioSSL]),
        .target(name: "HTTPClient", dependencies: ["HTTP", nioCore, nioPosix, nioHTTP2, nioHPACK, nioSSL, logging]),
        .testTarget(
            name: "HTTPClientTests",
            dependencies: [
                "TestSupport", "NginxTestSupport", "HTTPClient", "HTTP", nioCore, nioPosix, nioEmbedded, nioHTTP2,
                nioHPACK,
                nioSSL,
            ]),
        // A real server for the tests of whoever needs one.
        .target(name: "NginxTestSupport", dependencies: ["TestSupport"], path: "Tests/NginxTestSupport"),

        // Redis on NIO's sockets, for guests, key-value stores and triggers.
        .target(name: "RedisClient", dependencies: ["HTTP", "HTTPClient", nioCore, nioPosix, nioSSL, nioTLS]),
        .testTarget(
            name: "RedisClientTests",
            dependencies: [
                "TestSupport", "RedisClient", "RedisTestSupport", "HTTP", "HTTPClient", nioCore, nioPosix, nioSSL,
            ]),
        // A real server for the tests of whoever needs one.
        .target(name: "RedisTestSupport", dependencies: ["TestSupport"], path: "Tests/RedisTestSupport"),

        // WASI 0.2 host.
        .target(name: "CWASI"),
        .target(
            name: "WASI",
            dependencies: [
                "ComponentModel", "WasmEngine", "CWasmtime", "HTTP", "CWASI", nioCore, nioPosix, logging,
            ]),
        .testTarget(
            name: "WASITests",
            dependencies: [
                "TestSupport", "WASI", "ComponentModel", "WasmEngine", "HTTP", nioCore, nioEmbedded, nioPosix,
            ]),

        // Applications: manifest, locked application, files.
        .target(name: "CTOML", cxxSettings: [.headerSearchPath(".")]),
        .target(name: "AppModel", dependencies: ["CTOML"]),
        .systemLibrary(name: "CZlib"),
        .target(name: "AppLoader", dependencies: ["AppModel", "CZlib", crypto, nioCore, nioPosix, nioHTTP1, nioSSL]),
        .testTarget(
            name: "AppModelTests",
            dependencies: [
                "TestSupport", "RegistryTestSupport", "AppModel", "AppLoader", crypto, nioCore, nioPosix, nioHTTP1,
            ]),
        // Registries for the tests of whoever needs one: a real one, and one whose answers a test writes.
        .target(
            name: "RegistryTestSupport", dependencies: ["TestSupport", "AppLoader", nioCore, nioPosix, nioHTTP1],
            path: "Tests/RegistryTestSupport"),

        // Capabilities of the host besides WASI, each in its folder.
        .systemLibrary(name: "CSQLite"),
        .target(name: "SQLite", dependencies: ["CSQLite"]),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite"]),
        .target(
            name: "Capabilities",
            dependencies: [
                "WASI", "ComponentModel", "AppModel", "SQLite", "HTTP", "HTTPClient", "RedisClient", nioCore, nioPosix,
                nioSSL, logging,
            ]),
        .testTarget(
            name: "CapabilitiesTests",
            dependencies: [
                "TestSupport", "Capabilities", "RedisClient", "RedisTestSupport", "WASI", "ComponentModel",
                "WasmEngine", "AppModel", "SQLite", "HTTP", nioCore, nioPosix, nioEmbedded, logging,
            ]),

        // Running: one invocation, the triggers, the command.
        .target(
            name: "Executor",
            dependencies: [
                "ComponentModel", "WasmEngine", "WASI", "AppModel", "HTTP", "HTTPClient", nioCore, logging,
            ]),
        .testTarget(
            name: "ExecutorTests",
            dependencies: [
                "TestSupport", "Executor", "ComponentModel", "WasmEngine", "WASI", nioCore, nioEmbedded,
            ]),
        .target(
            name: "Triggers",
            dependencies: [
                "Executor", "ComponentModel", "WasmEngine", "CWasmtime", "WASI", "Capabilities", "RedisClient",
                "AppModel",
                "HTTP", "HTTPClient", nioCore, nioPosix, nioSSL, logging, unixSignals,
            ]),
        .testTarget(
            name: "TriggersTests",
            dependencies: [
                "TestSupport", "Triggers", "Executor", "Capabilities", "RedisClient", "ComponentModel", "WasmEngine",
                "AppModel", "HTTP", "HTTPClient", "WASI", logging, nioCore, nioEmbedded, nioPosix,
            ]),
        .target(
            name: "Commands",
            dependencies: [
                "Triggers", "Executor", "AppLoader", "AppModel", "ComponentModel", "WIT", "WasmEngine", argumentParser,
                logging, subprocess,
                systemPackage,
            ]),
        .executableTarget(name: "swirl", dependencies: ["Commands"]),
        .testTarget(
            name: "CommandsTests",
            dependencies: ["TestSupport", "Commands", "RegistryTestSupport", "AppLoader", "AppModel", argumentParser]),

        // Whole applications, served by the built `swirl`, driven over sockets.
        .testTarget(
            name: "IntegrationTests", dependencies: ["swirl", "RedisTestSupport", "NginxTestSupport", "TestSupport"]),

        // Our runtime against Wasmtime's own.
        .testTarget(
            name: "DifferentialTests",
            dependencies: ["TestSupport", "ComponentModel", "WasmEngine", "CWasmtime", "CWasmtimeComponents"]),

        // What fuzzing runs; `scripts/fuzz` builds it with libFuzzer.
        .target(
            name: "FuzzTargets",
            dependencies: ["ComponentModel", "WasmEngine", "WIT", "AppModel", "HTTP", "RedisClient", nioCore],
            path: "Fuzz/FuzzTargets"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"]),

        // Wasmtime's own component API, which only benchmarks and tests call.
        .target(name: "CWasmtimeComponents", dependencies: ["CWasmtime"], path: "Benchmarks/CWasmtimeComponents"),
        .executableTarget(
            name: "swirl-bench",
            dependencies: [
                "ComponentModel", "WasmEngine", "CWasmtime", "CWasmtimeComponents", "HTTP", "HTTPClient",
                "RedisClient", "SQLite", nioCore, nioPosix, argumentParser,
            ],
            path: "Benchmarks/swirl-bench"),
    ],
    cxxLanguageStandard: .cxx20
)

let cTargets = ["CWasmtime", "CWasmtimeComponents", "CTOML", "CWASI", "CSQLite", "CZlib"]
for target in package.targets where !cTargets.contains(target.name) {
    target.swiftSettings = swiftSettings
}

// Only measured against, and minutes to build: `make bench` asks for it.
if Context.environment["SWIRL_BENCH_ASYNC_HTTP_CLIENT"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"))
    for target in package.targets where target.name == "swirl-bench" {
        target.dependencies += [.product(name: "AsyncHTTPClient", package: "async-http-client"), nioHTTP1]
        target.swiftSettings = swiftSettings + [.define("ASYNC_HTTP_CLIENT")]
    }
}

// The fuzzer links against the compiler's own libFuzzer, and everything that it looks into is instrumented.
if let fuzzer = Context.environment["SWIRL_LIBFUZZER"] {
    package.targets.append(
        .executableTarget(
            name: "swirl-fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/swirl-fuzz", swiftSettings: swiftSettings,
            linkerSettings: [.unsafeFlags(["-Xlinker", fuzzer, "-lstdc++"])]))
    package.products.append(.executable(name: "swirl-fuzz", targets: ["swirl-fuzz"]))
    for target in package.targets
    where ["ComponentModel", "WIT", "AppModel", "HTTP", "RedisClient"].contains(target.name) {
        target.swiftSettings = swiftSettings + [.unsafeFlags(["-sanitize=fuzzer"])]
    }
}
