[watch]
folders=/tmp/t/pods;/tmp/t/more
