# One instance's render, driven from outside one template at a time. Answers are strings: '+' and the bytes, or '-', the line, a newline and the message.
module TemplateSession
  class << self
    def start
      Random.srand
      @jobs = JSON.parse(STDIN.read.force_encoding(Encoding::UTF_8), max_nesting: false)
      ''
    end

    def job(number)
      given = @jobs.fetch(number)
      @name = given.fetch('name')
      @sources = given.fetch('sources')
      @original = Bosh::Common::Template::EvaluationContext.new(given.fetch('spec'), Bosh::Director::DnsEncoder.new(given.fetch('dns')))
      @context = copy(@original)
      ''
    end

    # Number 0 is monit. The context lives on from template to template unless a template changed what it can see.
    def template(number)
      source = @sources.fetch(number)
      file = File.join(@name, source.fetch('src'))
      begin
        @context = copy(@original) unless number.zero? || @original == @context
        erb = ERB.new(source.fetch('erb').unpack1('m0').force_encoding(Encoding::UTF_8), trim_mode: '-')
        erb.filename = file
        '+'.b << erb.result(@context.get_binding).b
      rescue Exception => e
        failure(e, file)
      end
    end

    private

    def copy(context) = Marshal.load(Marshal.dump(context))

    def failure(error, file)
      at = error.backtrace&.find { |frame| frame.include?(file) }
      line = at ? at.split(':')[1] : '(unknown)'
      "-#{line}\n".b << error.to_s.b
    rescue Exception => e
      "-(unknown)\n#{e.class}".b
    end
  end
end
