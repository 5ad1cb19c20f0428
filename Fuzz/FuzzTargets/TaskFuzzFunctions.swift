/// The functions that the guest of ``TaskTarget`` can call.
extension TaskFuzzText {
    /// What a handle is of. The guest keeps what it gets in eight places for each kind, in turn.
    enum Kind: Int, CaseIterable {
        case thread
        case set
        case subtask
        case errorContext
        case streamBytesReader
        case streamBytesWriter
        case streamTextReader
        case streamTextWriter
        case futureBytesReader
        case futureBytesWriter
        case futureTextReader
        case futureTextWriter
    }

    enum Parameter {
        /// Taken from the second byte of a call: mostly one of its kind.
        case handle(Kind)
        /// The same of the third byte.
        case other(Kind)
        /// The third and the fourth byte as they are.
        case third
        case fourth
    }

    /// A built-in or import of the interpreter.
    struct Function {
        /// Its definition, but for its name.
        let definition: String
        let parameters: [Parameter]
        var result = Result.none

        /// What becomes of the result.
        enum Result {
            case none
            case number
            case handle(Kind)
            /// A status with the handle of a subtask in its upper 28 bits.
            case status
            /// Two handles in an `i64`: the one that reads, then the one that writes.
            case pair(Kind, Kind)
        }
    }

    static func ends(
        _ transfer: String, _ type: String, _ reader: Kind, _ writer: Kind
    ) -> [Function] {
        let counted: [Parameter] = transfer == "stream" ? [.third, .fourth] : [.third]
        let options = "(memory $memory) (realloc $realloc)"
        var functions = [
            Function(definition: "(canon \(transfer).new \(type))", parameters: [], result: .pair(reader, writer)),
            Function(definition: "(canon \(transfer).drop-readable \(type))", parameters: [.handle(reader)]),
            Function(definition: "(canon \(transfer).drop-writable \(type))", parameters: [.handle(writer)]),
        ]
        for isAsync in ["async", ""] {
            functions += [
                Function(
                    definition: "(canon \(transfer).read \(type) \(isAsync) \(options))",
                    parameters: [.handle(reader)] + counted, result: .number),
                Function(
                    definition: "(canon \(transfer).write \(type) \(isAsync) (memory $memory))",
                    parameters: [.handle(writer)] + counted, result: .number),
                Function(
                    definition: "(canon \(transfer).cancel-read \(type) \(isAsync))", parameters: [.handle(reader)],
                    result: .number),
                Function(
                    definition: "(canon \(transfer).cancel-write \(type) \(isAsync))", parameters: [.handle(writer)],
                    result: .number),
            ]
        }
        return functions
    }

    static let transfers =
        Self.ends("stream", "$stream-bytes", .streamBytesReader, .streamBytesWriter)
        + Self.ends("stream", "$stream-text", .streamTextReader, .streamTextWriter)
        + Self.ends("future", "$future-bytes", .futureBytesReader, .futureBytesWriter)
        + Self.ends("future", "$future-text", .futureTextReader, .futureTextWriter)

    static let waitables: [Function] =
        [
            Function(definition: "(canon waitable-set.new)", parameters: [], result: .handle(.set)),
            Function(
                definition: "(canon waitable-set.wait (memory $memory))", parameters: [.handle(.set), .third],
                result: .number),
            Function(
                definition: "(canon waitable-set.poll (memory $memory))", parameters: [.handle(.set), .third],
                result: .number),
            Function(definition: "(canon waitable-set.drop)", parameters: [.handle(.set)]),
            Function(definition: "(canon waitable.join)", parameters: [.handle(.subtask), .third]),
            Function(definition: "(canon subtask.cancel)", parameters: [.handle(.subtask)], result: .number),
            Function(definition: "(canon subtask.cancel async)", parameters: [.handle(.subtask)], result: .number),
            Function(definition: "(canon subtask.drop)", parameters: [.handle(.subtask)]),
        ]
        + [
            Kind.subtask, .streamBytesReader, .streamBytesWriter, .streamTextReader, .futureBytesReader,
            .futureTextWriter,
        ]
        .map { Function(definition: "(canon waitable.join)", parameters: [.handle($0), .other(.set)]) }

    static let others: [Function] = [
        Function(definition: "(canon task.return (result u32))", parameters: [.third]),
        Function(definition: "(canon task.cancel)", parameters: []),
        Function(definition: "(canon thread.yield)", parameters: [], result: .number),
        Function(definition: "(canon thread.index)", parameters: [], result: .handle(.thread)),
        Function(definition: "(canon thread.suspend)", parameters: [], result: .number),
        Function(definition: "(canon thread.resume-later)", parameters: [.handle(.thread)]),
        Function(definition: "(canon thread.suspend-then-resume)", parameters: [.handle(.thread)], result: .number),
        Function(definition: "(canon thread.yield-then-resume)", parameters: [.handle(.thread)], result: .number),
        Function(definition: "(canon thread.suspend-then-promote)", parameters: [.handle(.thread)], result: .number),
        Function(
            definition: "(canon thread.new-indirect $start $table)", parameters: [.fourth, .third],
            result: .handle(.thread)),
        Function(definition: "(canon context.set i32 0)", parameters: [.third]),
        Function(definition: "(canon backpressure.inc)", parameters: []),
        Function(definition: "(canon backpressure.dec)", parameters: []),
        Function(
            definition: "(canon error-context.new (memory $memory))", parameters: [.third, .fourth],
            result: .handle(.errorContext)),
        Function(
            definition: "(canon error-context.debug-message (memory $memory) (realloc $realloc))",
            parameters: [.handle(.errorContext), .third]),
        Function(definition: "(canon error-context.drop)", parameters: [.handle(.errorContext)]),
        Function(
            definition: "(canon lower (func $later) async (memory $memory))", parameters: [.third, .fourth],
            result: .status),
        Function(definition: "(canon lower (func $later))", parameters: [.third], result: .number),
    ]

    /// Calls of the other component.
    static let calls: [Function] = [
        Function(
            definition: "(canon lower (func $other \"run\") async (memory $memory))",
            parameters: [.third, .fourth, .third], result: .status),
        Function(
            definition: "(canon lower (func $other \"run\") (memory $memory))", parameters: [.third, .fourth],
            result: .number),
        Function(
            definition: "(canon lower (func $other \"give\") async (memory $memory))",
            parameters: [.handle(.streamBytesReader), .other(.futureTextReader), .fourth], result: .status),
        Function(
            definition: "(canon lower (func $other \"take\") (memory $memory))",
            parameters: [.handle(.streamBytesReader), .third]),
    ]
}
