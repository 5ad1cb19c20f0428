import Foundation
import Testing
import WIT

@Suite struct PrinterTests {
    private static func print(_ model: ResolvedModel) -> [String] {
        model.packages.indices.compactMap { index in
            model.package(named: model.packages[index].name).map { Printer.print($0, of: model) }
        }
    }

    /// What is printed means the same, and is printed the same again.
    @Test(arguments: ["wit", "Tests/WITTests/Fixtures/kinds"]) func printsWhatParsesAgain(folder: String) throws {
        let path = GeneratorTests.repository.appending(path: folder).path
        let model = try Resolver.resolve(SourceLoader.parse(folder: path))
        let texts = Self.print(model)
        let again = try Resolver.resolve(texts.map { [try Parser.parse($0, path: "printed.wit")] })
        #expect(Self.print(again) == texts)
        // Types are printed before free functions, so the order of functions may change.
        func signatures(_ model: ResolvedModel) -> Set<String> {
            let lists = model.interfaces.map { interface in
                interface.functions.map { "\(interface.name ?? "") \($0.name) \(model.signature(of: $0))" }
            }
            return Set(lists.joined())
        }
        #expect(signatures(again) == signatures(model))
    }

    @Test func printsAsOneWouldWrite() throws {
        let source = """
            package a:b@1.0.0;

            /// Things.
            @since(version = 1.0.0)
            interface %interface {
                use j.{t as u};
                type v = list<u>;
                resource r {
                    constructor(%type: u8);
                    m: func(x: borrow<r>) -> result<_, v>;
                    s: static func() -> option<r>;
                }
                f: async func(x: stream<u8>) -> future;
            }

            interface j {
                variant t {
                    /// Nothing.
                    none,
                    some(char),
                }
            }

            world w {
                import j;
                import g: func();
                export h: interface {
                    f: func();
                }
            }

            """
        #expect(Self.print(try resolve(source)) == [source])
    }
}
